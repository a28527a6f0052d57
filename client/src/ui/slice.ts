/** Rows kept in the page beyond those that are seen, on each side. */
const MARGIN = 40;
/** The reader moves this many rows before the slice moves after. */
export const STEP = 8;
/** No row is lower than this, so a box can't show more rows than its height holds of it. */
const LOWEST_ROW = 24;

/** Choose which of `count` rows are in the page when the one at `center` is at the top of a box, or at its end. */
export function sliceAround(count: number, center: number, height: number, atEnd: boolean): [number, number] {
  const seen = Math.ceil(height / LOWEST_ROW);
  const from = center - MARGIN - (atEnd ? seen : 0);
  return [Math.max(0, Math.min(from, count)), Math.min(count, center + seen + MARGIN)];
}

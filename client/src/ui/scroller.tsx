import { Component, type ComponentChildren, createRef } from "preact";
import { isLasting, type Row } from "./rows";
import { STEP, sliceAround } from "./slice";

/** Where a scroller starts: at its end, or with a row at a share of its height. */
export type Start = "end" | { key: string; share: number };

export interface View {
  /** Whether the newest is on the screen. */
  atEnd: boolean;
  /** The first row that can be seen, and the last that can be seen whole. */
  first: string | undefined;
  last: string | undefined;
}

interface Props {
  /** Where the scroller puts itself, so that it can be told to move. */
  hold: { current: Scroller | null };
  rows: Row[];
  label: string;
  start: Start;
  /** Whether the last row is the newest there is. */
  complete: boolean;
  /** Draws a row; another function draws all rows again. */
  draw: (row: Row) => ComponentChildren;
  /** Shown above the first row, when that is in the page. */
  above?: ComponentChildren;
  /** Called when an end of the rows comes near. */
  near: (end: "older" | "newer") => void;
  view: (view: View) => void;
}

/** A guess at the height of rows that are not in the page; only the scroll bar's thumb shows how good it is. */
const USUAL_ROW = 34;
/** Rows that are left before an end counts as near. */
const NEAR = 40;
/** Fractions of pixels don't make a reader leave the end. */
const AT_END_PX = 6;

/**
 * Shows a long list of rows of any height. Only those near the screen are in the page, and the row at the top of the
 * screen stays where it is, whatever comes or grows above or below; at the end, the end stays.
 */
export class Scroller extends Component<Props, { center: string | undefined }> {
  private readonly box = createRef<HTMLDivElement>();
  private readonly list = createRef<HTMLDivElement>();
  private readonly watcher = new ResizeObserver(() => this.settle());
  private atEnd = this.props.start === "end";
  private anchor = this.props.start === "end" ? undefined : { key: this.props.start.key, top: 0 };
  private drawn: [number, number] = [0, 0];
  private top = 0;
  private indexed: { rows: Row[]; index: Map<string, number> } | undefined;

  override state = { center: this.anchor?.key };

  /** Go to the end and stay there. */
  toEnd(): void {
    this.atEnd = true;
    this.anchor = undefined;
    this.setState({ center: undefined }, () => this.settle());
  }

  override componentDidMount(): void {
    const box = this.box.current!;
    const { start, hold } = this.props;
    hold.current = this;
    if (this.anchor && start !== "end") this.anchor.top = box.clientHeight * start.share;
    this.watcher.observe(box);
    this.watcher.observe(this.list.current!);
    this.settle();
    // The slice was chosen without knowing the height of the box.
    this.forceUpdate();
  }

  override componentWillUnmount(): void {
    this.watcher.disconnect();
    // Another may have taken its place already.
    if (this.props.hold.current === this) this.props.hold.current = null;
  }

  override getSnapshotBeforeUpdate(): null {
    // A reader may have left the end by a scroll that has not been told yet.
    if (this.atEnd && !this.isHidden() && this.box.current!.scrollTop < this.top - AT_END_PX) this.look();
    return null;
  }

  override componentDidUpdate(): void {
    this.settle();
    if (this.props.rows.length > 0 && !this.isHidden() && !this.firstSeen(this.box.current!)) this.look();
  }

  override render({ rows, label, draw, above }: Props) {
    const last = rows.length - 1;
    const center = this.atEnd ? last : (this.index().get(this.state.center ?? "") ?? last);
    const height = this.box.current?.clientHeight ?? 900;
    const [from, to] = sliceAround(rows.length, center, height, this.atEnd);
    this.drawn = [from, to];
    return (
      <div
        class="scroller"
        ref={this.box}
        onScroll={this.scrolled}
        role="log"
        aria-label={label}
        // What one pages past is no news.
        aria-live={this.atEnd ? "polite" : "off"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div class="rows" ref={this.list}>
          <div style={{ height: `${from * USUAL_ROW}px` }} />
          {from === 0 && above}
          {rows.slice(from, to).map((row) => (
            <Cell key={row.key} row={row} draw={draw} />
          ))}
          <div style={{ height: `${(rows.length - to) * USUAL_ROW}px` }} />
        </div>
      </div>
    );
  }

  private readonly scrolled = () => {
    if (this.isHidden()) return;
    this.top = this.box.current!.scrollTop;
    this.look();
    this.report();
  };

  /** Put the screen back to where the reader is. */
  private settle(): void {
    const box = this.box.current;
    if (!box || this.isHidden()) return;
    if (this.atEnd) box.scrollTop = box.scrollHeight;
    else if (this.anchor) {
      const row = this.list.current?.querySelector(`[data-key="${this.anchor.key}"]`);
      const moved = row ? topWithin(row, box) - this.anchor.top : 0;
      if (Math.abs(moved) >= 1) box.scrollTop += moved;
    }
    this.top = box.scrollTop;
    this.report();
  }

  /** Note which row is at the top of the screen, and move the slice when it is far from its middle. */
  private look(): void {
    const box = this.box.current!;
    this.atEnd = this.props.complete && this.drawn[1] === this.props.rows.length && this.distanceToEnd() <= AT_END_PX;
    const { rows } = this.props;
    const top = this.firstSeen(box);
    if (top) this.anchor = { key: top.dataset.key!, top: topWithin(top, box) };
    else {
      // Thrown into rows that are not in the page.
      const row = rows.slice(Math.floor(box.scrollTop / USUAL_ROW)).find(isLasting) ?? rows.findLast(isLasting);
      if (row) this.anchor = { key: row.key, top: 0 };
    }
    const index = this.index();
    const here = index.get(this.anchor?.key ?? "") ?? 0;
    const center = index.get(this.state.center ?? "") ?? rows.length - 1;
    if (Math.abs(here - center) > STEP) this.setState({ center: this.anchor?.key });
  }

  private report(): void {
    const { rows, near, view } = this.props;
    const box = this.box.current!;
    const here = this.index().get(this.anchor?.key ?? "") ?? (this.atEnd ? rows.length - 1 : 0);
    const last = this.lastSeen(box);
    if (here < NEAR || this.drawn[0] === 0) near("older");
    if ((last ? (this.index().get(last) ?? 0) : here) > rows.length - NEAR) near("newer");
    view({ atEnd: this.atEnd, first: this.anchor?.key, last });
  }

  private firstSeen(box: HTMLElement): HTMLElement | undefined {
    const edge = box.getBoundingClientRect();
    const { rows } = this.props;
    return this.children().find((child) => {
      const { top, bottom } = child.getBoundingClientRect();
      const row = rows[this.index().get(child.dataset.key!) ?? -1];
      return bottom > edge.top && top < edge.bottom && row && isLasting(row);
    });
  }

  private lastSeen(box: HTMLElement): string | undefined {
    const edge = box.getBoundingClientRect();
    return this.children().findLast((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom <= edge.bottom + AT_END_PX && top < edge.bottom && bottom > edge.top;
    })?.dataset.key;
  }

  private children(): HTMLElement[] {
    return [...(this.list.current?.children ?? [])].filter(
      (child): child is HTMLElement => (child as HTMLElement).dataset.key !== undefined,
    );
  }

  /** On a phone a thread hides the timeline: then it has no place to note, and keeps the one it had. */
  private isHidden(): boolean {
    return this.box.current!.clientHeight === 0;
  }

  private distanceToEnd(): number {
    const box = this.box.current!;
    return box.scrollHeight - box.scrollTop - box.clientHeight;
  }

  private index(): Map<string, number> {
    const { rows } = this.props;
    if (this.indexed?.rows !== rows) this.indexed = { rows, index: new Map(rows.map((row, at) => [row.key, at])) };
    return this.indexed.index;
  }
}

type CellProps = Pick<Props, "draw"> & { row: Row };

/** One row in the page; drawn again only when it says something else. */
class Cell extends Component<CellProps> {
  override shouldComponentUpdate({ row, draw }: CellProps): boolean {
    return row !== this.props.row || draw !== this.props.draw;
  }

  override render({ row, draw }: CellProps) {
    return <div data-key={row.key}>{draw(row)}</div>;
  }
}

function topWithin(row: Element, box: Element): number {
  return row.getBoundingClientRect().top - box.getBoundingClientRect().top;
}

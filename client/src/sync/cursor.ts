import type { LogEvent } from "./wire";

/** More than this early events are not worth keeping: the sync that is due brings them again. */
const MOST_EARLY = 500;

/** Where one conversation's log has been followed to; lets each event through once and in order. */
export class Cursor {
  private readonly early = new Map<number, LogEvent>();

  constructor(public seq: number) {}

  /** Whether something came early, so that something is missing. */
  get behind(): boolean {
    return this.early.size > 0;
  }

  /** Take a live event and give back all that are now in order. */
  take(event: LogEvent): LogEvent[] {
    if (event.seq > this.seq && this.early.size < MOST_EARLY) this.early.set(event.seq, event);
    return this.release();
  }

  /**
   * Take an answer to a sync. `from` is the first seq that this person may see, so a step over what lies before it,
   * or within one page, is a span of absence and not a loss.
   */
  takePage(from: number, events: LogEvent[]): LogEvent[] {
    const first = events[0];
    if (first && first.seq > Math.max(this.seq + 1, from)) return this.release();
    const taken: LogEvent[] = [];
    for (const event of events) {
      if (event.seq <= this.seq) continue;
      taken.push(event);
      this.seq = event.seq;
    }
    return [...taken, ...this.release()];
  }

  /** Start again after `seq`: everything up to there is held already, or given up. */
  moveTo(seq: number): void {
    this.seq = seq;
    for (const early of [...this.early.keys()]) if (early <= seq) this.early.delete(early);
  }

  private release(): LogEvent[] {
    const taken: LogEvent[] = [];
    for (let next = this.early.get(this.seq + 1); next; next = this.early.get(this.seq + 1)) {
      this.early.delete(next.seq);
      this.seq = next.seq;
      taken.push(next);
    }
    for (const seq of [...this.early.keys()]) if (seq <= this.seq) this.early.delete(seq);
    return taken;
  }
}

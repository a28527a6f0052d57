const BATCH = 200;
const GATHER_MS = 30;

/** Ids that somebody wants to know more of: gathered for a moment, and asked for in batches. */
export class Gathering {
  private readonly wanted = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ask: (ids: number[]) => Promise<void>) {}

  /** Want one. */
  want(id: number): void {
    this.wanted.add(id);
    this.timer ??= setTimeout(() => void this.fetch(), GATHER_MS);
  }

  private async fetch(): Promise<void> {
    const ids = [...this.wanted].slice(0, BATCH);
    try {
      await this.ask(ids);
    } catch {
      // Whoever shows it wants it again when it is next drawn.
    }
    for (const id of ids) this.wanted.delete(id);
    this.timer = this.wanted.size > 0 ? setTimeout(() => void this.fetch(), GATHER_MS) : undefined;
  }
}

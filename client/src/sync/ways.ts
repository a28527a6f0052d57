import type { Wire } from "./socket";

/** A way that failed so often without a word from a server that can be reached is left for the next. */
const FAILURES = 2;
const AGAIN_MS = 60_000;
const PROBE_MS = 10_000;
/** With these the server itself says no: another way would hear the same. */
const SAID = new Set([1012, 1013, 4400, 4401, 4408]);

/** Opens a wire by the best way that gets through, and goes back to the first when that does again. */
export class Ways {
  private at = 0;
  private failures = 0;
  private probe: Wire | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ways: (() => Wire)[],
    private readonly reopen: () => void,
    /** Tells whether the server answers at all: where it doesn't, no way is better than another. */
    private readonly reaches: () => Promise<boolean>,
  ) {}

  /** Open a wire. */
  readonly open = (): Wire => {
    const way = this.at;
    return new Tried(this.way(way)(), (isHeard, code) => {
      if (way !== this.at) return;
      if (isHeard) {
        this.failures = 0;
        if (way > 0) this.later();
      } else if (!SAID.has(code)) {
        this.failures += 1;
        if (this.failures >= FAILURES) void this.leave(way);
      }
    });
  };

  /** Look whether the first way gets through again: something suggests so. */
  again(): void {
    if (this.at === 0 || this.probe) return;
    clearTimeout(this.timer);
    const probe = this.way(0)();
    this.probe = probe;
    const over = () => {
      clearTimeout(limit);
      probe.onopen = probe.onmessage = probe.onclose = null;
      probe.close();
      this.probe = undefined;
      if (this.at > 0) this.later();
    };
    const limit = setTimeout(over, PROBE_MS);
    // A proxy may let a handshake through and nothing after it.
    probe.onopen = () => probe.send(JSON.stringify({ type: "ping" }));
    probe.onmessage = () => {
      this.move(0);
      over();
      this.reopen();
    };
    probe.onclose = over;
  }

  private async leave(way: number): Promise<void> {
    const reached = await this.reaches().catch(() => false);
    if (reached && way === this.at && this.failures >= FAILURES) this.move((way + 1) % this.ways.length);
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), AGAIN_MS);
  }

  private move(to: number): void {
    this.at = to;
    this.failures = 0;
    clearTimeout(this.timer);
  }

  private way(at: number): () => Wire {
    return this.ways[at] as () => Wire;
  }
}

/** A wire that tells once what became of it: whether anything was heard, and else how it closed. */
class Tried implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  private isTold = false;

  constructor(
    private readonly wire: Wire,
    private readonly outcome: (isHeard: boolean, code: number) => void,
  ) {
    wire.onopen = () => this.onopen?.();
    wire.onmessage = (message) => {
      this.tell(true, 0);
      this.onmessage?.(message);
    };
    wire.onclose = (close) => {
      this.tell(false, close.code);
      this.onclose?.(close);
    };
  }

  send(text: string): void {
    this.wire.send(text);
  }

  close(code?: number): void {
    this.tell(false, 1006);
    this.wire.close(code);
  }

  private tell(isHeard: boolean, code: number): void {
    if (this.isTold) return;
    this.isTold = true;
    this.outcome(isHeard, code);
  }
}

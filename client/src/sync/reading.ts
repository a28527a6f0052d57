import type { Store } from "./store";
import type { ClientFrame } from "./wire";

const GATHER_MS = 500;

/** Tells the server how far I have read, half a second at a time. */
export class Reading {
  private readonly unsent = new Map<number, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly send: (frame: ClientFrame) => boolean,
  ) {}

  /** Note that I have seen a conversation up to `seq`. */
  seen(conversation: number, seq: number): void {
    if (!this.store.read(conversation, seq)) return;
    this.unsent.set(conversation, seq);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Tell what is untold; what can't go now goes when the socket is live again. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [conversation, seq] of this.unsent) {
      if (this.send({ type: "read", conversation, seq })) this.unsent.delete(conversation);
    }
  }
}

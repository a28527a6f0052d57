import type { Store } from "./store";
import type { ClientFrame } from "./wire";

const GATHER_MS = 500;

/** Tells the server how far I have read and received, half a second at a time. */
export class Reading {
  private readonly unsent = { read: new Map<number, number>(), delivered: new Map<number, number>() };
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly send: (frame: ClientFrame) => boolean,
  ) {}

  /** Note that I have seen a conversation up to `seq`. */
  seen(conversation: number, seq: number): void {
    if (!this.store.read(conversation, seq)) return;
    this.unsent.delivered.delete(conversation);
    this.note("read", conversation, seq);
  }

  /** Note that this device has got what was said up to `seq`. */
  received(conversation: number, seq: number): void {
    const { read = 0, delivered = 0 } = this.store.conversations.get(conversation) ?? {};
    if (seq > Math.max(read, delivered)) this.note("delivered", conversation, seq);
  }

  /** Tell what is untold; what can't go now goes when the socket is live again. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const type of ["delivered", "read"] as const) {
      for (const [conversation, seq] of this.unsent[type]) {
        if (this.send({ type, conversation, seq })) this.unsent[type].delete(conversation);
      }
    }
  }

  private note(type: "read" | "delivered", conversation: number, seq: number): void {
    this.unsent[type].set(conversation, seq);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}

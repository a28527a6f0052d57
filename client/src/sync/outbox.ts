import { uuid7 } from "./uuid7";
import type { Ack, ClientFrame, ErrorFrame } from "./wire";

/** A message on its way: it keeps its id through every attempt, so it enters the log once. */
export interface Outgoing {
  id: string;
  conversation: number;
  body: string;
  thread?: number;
  at: string;
  state: "waiting" | "sending" | "sent" | "failed";
  reason?: string;
}

/** Where outgoing messages are kept; one that outlives the tab may take memory's place. */
export interface Shelf {
  put(item: Outgoing): void;
  remove(id: string): void;
  all(): Outgoing[];
}

/** Keep outgoing messages in memory, in the order written. */
export function memoryShelf(): Shelf {
  const items = new Map<string, Outgoing>();
  return {
    put: (item) => void items.set(item.id, item),
    remove: (id) => void items.delete(id),
    all: () => [...items.values()],
  };
}

/** These mean "not now": the command is sent again. All other codes mean "no". */
const PASSING = new Set(["unavailable", "rate_limited", "slow_mode"]);

const ACK_WAIT_MS = 10_000;
const RETRY_MS = 1_000;

/** Sends what is written, one at a time per conversation and in order, until each has its answer. */
export class Outbox {
  private live = false;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly shelf: Shelf,
    private readonly send: (frame: ClientFrame) => void,
    private readonly changed: (conversation: number) => void,
  ) {}

  /** Give what is on its way in a conversation, in order. */
  pending(conversation: number): Outgoing[] {
    return this.shelf.all().filter((item) => item.conversation === conversation);
  }

  /** Post a message; it goes out when those before it have been answered. */
  post(conversation: number, body: string, thread?: number): Outgoing {
    const at = new Date();
    const item: Outgoing = {
      id: uuid7(at.getTime()),
      conversation,
      body,
      at: at.toISOString(),
      state: "waiting",
      ...(thread === undefined ? {} : { thread }),
    };
    this.set(item);
    this.pump(conversation);
    return item;
  }

  /** Try a refused message again. */
  retry(id: string): void {
    const item = this.find(id);
    if (item?.state !== "failed") return;
    this.set({ ...item, state: "waiting", reason: undefined });
    this.pump(item.conversation);
  }

  /** Give up a refused message. */
  discard(id: string): void {
    const item = this.find(id);
    if (item?.state === "failed") this.drop(item);
  }

  /** Begin to send: the socket is live. */
  connected(): void {
    this.live = true;
    for (const conversation of new Set(this.shelf.all().map((item) => item.conversation))) this.pump(conversation);
  }

  /** Hold everything until the socket is live again; what was unanswered is sent again then. */
  disconnected(): void {
    this.live = false;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    for (const item of this.shelf.all()) if (item.state === "sending") this.set({ ...item, state: "waiting" });
  }

  /** Take the server's word that a message is in the log. */
  acked(ack: Ack): void {
    const item = this.find(ack.id);
    if (!item) return;
    this.stopTimer(item.id);
    this.set({ ...item, state: "sent" });
    this.pump(item.conversation);
  }

  /** Take the server's refusal of a message. */
  refused(error: ErrorFrame): void {
    const item = error.id === undefined ? undefined : this.find(error.id);
    if (!item || item.state === "sent") return;
    this.stopTimer(item.id);
    if (PASSING.has(error.code)) {
      this.set({ ...item, state: "waiting" });
      const wait = error.retry_after === undefined ? RETRY_MS : error.retry_after * 1000;
      this.timers.set(item.id, setTimeout(this.resume, wait, item));
    } else {
      this.set({ ...item, state: "failed", reason: error.detail });
      this.pump(item.conversation);
    }
  }

  /** Let go of a message whose event has reached the log's reader. */
  arrived(id: string): void {
    const item = this.find(id);
    if (!item) return;
    this.drop(item);
    this.pump(item.conversation);
  }

  private readonly resume = (item: Outgoing): void => {
    this.timers.delete(item.id);
    const now = this.find(item.id);
    if (now?.state === "sending") this.set({ ...now, state: "waiting" });
    this.pump(item.conversation);
  };

  private pump(conversation: number): void {
    if (!this.live) return;
    const queue = this.pending(conversation).filter((item) => item.state === "waiting" || item.state === "sending");
    const head = queue[0];
    if (!head || queue.some((item) => this.timers.has(item.id))) return;
    this.set({ ...head, state: "sending" });
    this.timers.set(head.id, setTimeout(this.resume, ACK_WAIT_MS, head));
    const { id, body, thread } = head;
    this.send({ type: "send", id, conversation, body, ...(thread === undefined ? {} : { thread }) });
  }

  private find(id: string): Outgoing | undefined {
    return this.shelf.all().find((item) => item.id === id);
  }

  private set(item: Outgoing): void {
    this.shelf.put(item);
    this.changed(item.conversation);
  }

  private drop(item: Outgoing): void {
    this.stopTimer(item.id);
    this.shelf.remove(item.id);
    this.changed(item.conversation);
  }

  private stopTimer(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }
}

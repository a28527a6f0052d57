import { uuid7 } from "./uuid7";
import type { Ack, ClientFrame, ErrorFrame } from "./wire";

/** What may be on its way: a message, a change to one, a word to one's own log. */
export type Command = Extract<ClientFrame, { id: string }>;

type Without<T> = T extends Command ? Omit<T, "id"> : never;

/** A command before it has its id. */
export type Wanted = Without<Command>;

/** A command on its way: it keeps its id through every attempt, so it enters the log once. */
export interface Outgoing {
  id: string;
  /** Whose queue it waits in; OWN for one's own log. */
  conversation: number;
  frame: Command;
  at: string;
  state: "waiting" | "sending" | "sent" | "failed";
  /** Its number in the log, once that is known. */
  seq?: number;
  reason?: string;
}

/** A message on its way. */
export type OutgoingMessage = Outgoing & { frame: Extract<Command, { type: "send" }> };

/** The queue of what goes to one's own log, which is made when something first does. */
export const OWN = 0;

/** Where outgoing commands are kept; one that outlives the page may take memory's place. */
export interface Shelf {
  put(item: Outgoing): void;
  remove(id: string): void;
  all(): Outgoing[];
}

/** Keep outgoing commands in memory, in the order written. */
export function memoryShelf(): Shelf {
  const items = new Map<string, Outgoing>();
  return {
    put: (item) => void items.set(item.id, item),
    remove: (id) => void items.delete(id),
    all: () => [...items.values()],
  };
}

/** Tell a message from other commands. */
export function isMessage(item: Outgoing): item is OutgoingMessage {
  return item.frame.type === "send";
}

/** What holds words stays until somebody has decided about them; the rest goes with its refusal. */
function holdsWords(item: Outgoing): boolean {
  return item.frame.type === "send" || item.frame.type === "edit";
}

/** These mean "not now": the command is sent again. All other codes mean "no". */
const PASSING = new Set(["unavailable", "rate_limited", "slow_mode"]);

const ACK_WAIT_MS = 10_000;
const RETRY_MS = 1_000;

/** Sends commands, one at a time per conversation and in order, until each has its answer. */
export class Outbox {
  private live = false;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly shelf: Shelf,
    private readonly send: (frame: ClientFrame) => void,
    private readonly changed: (conversation: number) => void,
    private readonly gone: (item: Outgoing) => void = () => undefined,
  ) {}

  /** Give what is on its way in a conversation, in order. */
  pending(conversation: number): Outgoing[] {
    return this.shelf.all().filter((item) => item.conversation === conversation);
  }

  /** Give the messages among it. */
  messages(conversation: number): OutgoingMessage[] {
    return this.pending(conversation).filter(isMessage);
  }

  /** Post a message; it goes out when those before it have been answered. */
  post(conversation: number, body: string, thread?: number, also = false): Outgoing {
    const reply = thread === undefined ? {} : { thread, ...(also ? { also } : {}) };
    return this.put({ type: "send", conversation, body, ...reply });
  }

  /** Take a command; it goes out when those before it have been answered. */
  put(wanted: Wanted): Outgoing {
    const at = new Date();
    const id = uuid7(at.getTime());
    const conversation = "conversation" in wanted ? wanted.conversation : OWN;
    const frame = { ...wanted, id } as Command;
    const item: Outgoing = { id, conversation, frame, at: at.toISOString(), state: "waiting" };
    this.set(item);
    this.pump(conversation);
    return item;
  }

  /** Take what an earlier page left behind. */
  resume(items: Outgoing[]): void {
    for (const item of items) this.set(item.state === "failed" ? item : { ...item, state: "waiting" });
    if (this.live) this.connected();
  }

  /** Try a refused command again. */
  retry(id: string): void {
    const item = this.find(id);
    if (item?.state !== "failed") return;
    this.set({ ...item, state: "waiting", reason: undefined });
    this.pump(item.conversation);
  }

  /** Give up what was refused, or has not gone out yet. */
  discard(id: string): void {
    const item = this.find(id);
    if (item?.state === "failed" || item?.state === "waiting") this.drop(item);
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

  /** Take the server's word that a command is in the log; give the command. */
  acked(ack: Ack): Outgoing | undefined {
    const item = this.find(ack.id);
    if (!item) return undefined;
    this.stopTimer(item.id);
    this.set({ ...item, state: "sent", seq: ack.seq });
    this.pump(item.conversation);
    return item;
  }

  /** Take the server's refusal of a command. */
  refused(error: ErrorFrame): void {
    const item = error.id === undefined ? undefined : this.find(error.id);
    if (!item || item.state === "sent") return;
    this.stopTimer(item.id);
    if (PASSING.has(error.code)) {
      this.set({ ...item, state: "waiting" });
      const wait = error.retry_after === undefined ? RETRY_MS : error.retry_after * 1000;
      this.timers.set(item.id, setTimeout(this.again, wait, item));
      return;
    }
    const failed: Outgoing = { ...item, state: "failed", reason: error.detail };
    if (holdsWords(item)) this.set(failed);
    else {
      this.drop(item);
      this.gone(failed);
    }
    this.pump(item.conversation);
  }

  /** Let go of a command whose event has reached the log's reader; tell whether there was one. */
  arrived(id: string): boolean {
    const item = this.find(id);
    if (!item) return false;
    this.drop(item);
    this.pump(item.conversation);
    return true;
  }

  /** Let go of what the log's reader must have seen, having read up to `seq`. */
  reached(conversation: number, seq: number): void {
    for (const item of this.pending(conversation)) {
      if (item.seq !== undefined && item.seq <= seq) this.drop(item);
    }
  }

  private readonly again = (item: Outgoing): void => {
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
    this.timers.set(head.id, setTimeout(this.again, ACK_WAIT_MS, head));
    this.send(head.frame);
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

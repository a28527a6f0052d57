import { amend, amends, answered, claimed, unanswered } from "./fold";
import type { LogEvent, Message, Page } from "./wire";

/** An event that is no message but is worth a line between messages. */
export type Notice = Extract<LogEvent, { kind: NoticeKind }>;

type NoticeKind = "join" | "leave" | "role" | "rename" | "topic" | "purpose" | "archive" | "private" | "rules" | "mute";

export type Entry = Message | Notice;

/** A page replaces the window, or continues it at one of its ends. */
export type Place = "newest" | "around" | "older" | "newer";

const NOTICES = new Set(["join", "leave", "role", "rename", "topic", "purpose", "archive", "private", "rules", "mute"]);

/** Longer windows are cut at the end that is not being read, so that memory stays bounded however far one pages. */
const LONGEST_WINDOW = 1200;
/** Cut some more at once, so that not every further message moves the window. */
const SLACK = 200;

/** What is held of one conversation: a window of its timeline without holes, and the threads that are open. */
export class Log {
  /** Seqs of what the timeline may show, in order. */
  window: number[] = [];
  /** Whether the server has more before the window, and after it. */
  older = true;
  newer = true;
  loaded = false;
  /** Turns when the window is replaced rather than continued. */
  epoch = 0;
  /** Whether the newest is what is being read; else the window is cut at its newer end. */
  readingEnd = true;

  private readonly messages = new Map<number, Message>();
  private readonly notices = new Map<number, Notice>();
  private readonly threads = new Map<number, number[]>();
  /** Until when what was said for a time is shown. */
  private readonly ends = new Map<number, number>();
  /** A message from a page holds all events up to this seq: none of them is applied to it again. */
  private readonly asOf = new Map<number, number>();
  /** Events since the oldest load under way: its page may be older than they are. */
  private recent: LogEvent[] = [];
  private loads = 0;

  /** Whether events matter to it: it shows something, or is about to. */
  get held(): boolean {
    return this.loaded || this.loads > 0;
  }

  /** Give a message or notice by its seq. */
  entry(seq: number): Entry | undefined {
    return this.messages.get(seq) ?? this.notices.get(seq);
  }

  /** Give a message by its seq. */
  message(seq: number): Message | undefined {
    return this.messages.get(seq);
  }

  /** Give what is held of a thread, its root first. */
  thread(root: number): Message[] | undefined {
    return this.threads.get(root)?.flatMap((seq) => this.messages.get(seq) ?? []);
  }

  /** Apply one event that is new to this log. */
  apply(event: LogEvent): void {
    if (this.loads > 0) this.recent.push(event);
    this.admit(event);
    this.amendHeld(event);
    if (this.window.length > LONGEST_WINDOW + SLACK) this.cut(this.readingEnd ? "older" : "newer");
  }

  /** Let go of what was said for a time that is over, and give when the next such time ends (ms). */
  expire(now: number): number | undefined {
    const over = [...this.ends].flatMap(([seq, end]) => (end <= now ? [seq] : []));
    for (const seq of over) this.end(seq);
    return this.ends.size > 0 ? Math.min(...this.ends.values()) : undefined;
  }

  /** Note that a page is being fetched; one of the methods below ends it. */
  begin(): void {
    this.loads += 1;
  }

  /** End a load that brought nothing. */
  abandon(): void {
    this.loads -= 1;
    if (this.loads === 0) this.recent = [];
  }

  /** Take a page that replaces the window or continues it. */
  put(page: Page, place: Place): void {
    const seqs = page.messages.map((message) => message.seq);
    if (place === "newest" || place === "around") {
      this.forget(this.window.splice(0));
      this.epoch += 1;
    }
    this.hold(page);
    if (place === "older") {
      this.window.unshift(...seqs.filter((seq) => seq < (this.window[0] ?? Number.POSITIVE_INFINITY)));
      this.older = page.more;
    } else if (place === "newer") {
      this.window.push(...seqs.filter((seq) => seq > this.last));
      this.newer = page.more;
    } else {
      this.window = seqs;
      this.older = page.more;
      this.newer = place === "around" && (page.more_after ?? false);
    }
    this.loaded = true;
    this.replay(page.head);
    if (this.window.length > LONGEST_WINDOW) this.cut(place === "older" ? "newer" : "older");
    this.abandon();
  }

  /** Take a page of a thread, its root included. */
  putThread(root: number, page: Page): void {
    this.hold(page);
    const seqs = new Set([...(this.threads.get(root) ?? []), ...page.messages.map((message) => message.seq)]);
    this.threads.set(
      root,
      [...seqs].sort((a, b) => a - b),
    );
    this.replay(page.head);
    this.abandon();
  }

  /** Hold messages beside the window, such as the root that a reply names. */
  putAside(page: Page): void {
    this.hold(page);
    this.replay(page.head);
    this.abandon();
  }

  /** Let go of a thread that is no longer open. */
  closeThread(root: number): void {
    this.threads.delete(root);
  }

  private get last(): number {
    return this.window.at(-1) ?? 0;
  }

  /** Take a new event in where it shows: at the end of the window if that reaches the end, and in its open thread. */
  private admit(event: LogEvent): void {
    const atEnd = this.loaded && !this.newer && event.seq > this.last;
    if (event.kind === "message") {
      const thread = event.thread === undefined ? undefined : this.threads.get(event.thread);
      const inThread = thread !== undefined && event.seq > (thread.at(-1) ?? 0);
      if (inThread) thread.push(event.seq);
      if (atEnd) this.window.push(event.seq);
      if ((inThread || atEnd) && !this.messages.has(event.seq)) this.keep(event);
    } else if (NOTICES.has(event.kind) && atEnd) {
      this.notices.set(event.seq, event as Notice);
      this.window.push(event.seq);
    }
  }

  /** Change the held messages that an event points at, unless they came with it applied. */
  private amendHeld(event: LogEvent): void {
    if (event.kind === "message") {
      if (event.thread !== undefined) this.change(event.thread, event, (root) => answered(root, event));
      return;
    }
    if (!amends(event)) return;
    const before = this.messages.get(event.target);
    this.change(event.target, event, (message) => amend(message, event));
    if (event.kind !== "delete" || before?.thread === undefined) return;
    const first = before.deleted_at === undefined || before.deleted_at === claimed(event);
    if (first) this.change(before.thread, event, unanswered);
  }

  private change(seq: number, by: LogEvent, how: (message: Message) => Message): void {
    const message = this.messages.get(seq);
    if (!message || by.seq <= (this.asOf.get(seq) ?? 0)) return;
    this.messages.set(seq, how(message));
    this.asOf.set(seq, by.seq);
  }

  private hold(page: Page): void {
    for (const message of page.messages) {
      if ((this.asOf.get(message.seq) ?? 0) > page.head) continue;
      this.keep(message);
      this.asOf.set(message.seq, page.head);
    }
  }

  private keep(message: Message): void {
    this.messages.set(message.seq, message);
    if (message.expires_at !== undefined) this.ends.set(message.seq, Date.parse(message.expires_at));
  }

  private end(seq: number): void {
    const root = this.messages.get(this.messages.get(seq)?.thread ?? 0);
    if (root && this.messages.get(seq)?.deleted_at === undefined) this.messages.set(root.seq, unanswered(root));
    for (const thread of this.threads.values()) if (thread.includes(seq)) thread.splice(thread.indexOf(seq), 1);
    this.window = this.window.filter((one) => one !== seq);
    this.drop(seq);
  }

  private drop(seq: number): void {
    this.messages.delete(seq);
    this.notices.delete(seq);
    this.asOf.delete(seq);
    this.ends.delete(seq);
  }

  /** Apply again what came live after the state that a page shows. */
  private replay(head: number): void {
    for (const event of this.recent) {
      if (event.seq <= head) continue;
      this.admit(event);
      this.amendHeld(event);
    }
  }

  private cut(end: "older" | "newer"): void {
    if (end === "older") {
      this.forget(this.window.splice(0, this.window.length - LONGEST_WINDOW));
      this.older = true;
    } else {
      this.forget(this.window.splice(LONGEST_WINDOW));
      this.newer = true;
    }
  }

  private forget(seqs: number[]): void {
    const kept = new Set([...this.threads.values()].flat());
    for (const seq of seqs) {
      if (!kept.has(seq)) this.drop(seq);
    }
  }
}

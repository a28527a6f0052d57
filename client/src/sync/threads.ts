import type { Api } from "./api";
import type { Own } from "./own";
import type { Store } from "./store";
import type { LogEvent, MessageSaid, Thread } from "./wire";

const GATHER_MS = 300;
const MOST_ROOTS = 200;

/** The threads that I follow, and those that are open. */
export class Threads {
  private readonly known = new Map<string, Thread>();
  private readonly wanted = new Map<number, Set<number>>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the next page of the list starts; null at its end. */
  cursor: string | null | undefined;

  constructor(
    private readonly api: Pick<Api, "threads" | "someThreads">,
    private readonly store: Store,
    private readonly own: Own,
    private readonly changed: () => void,
  ) {}

  /** Give a thread as far as it is known. */
  of(conversation: number, root: number): Thread | undefined {
    return this.known.get(`${conversation}/${root}`);
  }

  /** List the threads that I follow, the one that moved last first. */
  followed(): Thread[] {
    return [...this.known.values()]
      .filter((thread) => thread.followed && this.store.conversations.has(thread.conversation))
      .sort((a, b) => (b.last_reply_at ?? "").localeCompare(a.last_reply_at ?? ""));
  }

  /** Count the threads in which there is something new for me. */
  unread(): number {
    return this.followed().filter((thread) => thread.unread > 0).length;
  }

  /** Fetch the first page of the list, or the one after what is known. */
  async more(anew = false): Promise<void> {
    if (anew) this.cursor = undefined;
    if (this.cursor === null) return;
    const page = await this.api.threads(this.cursor);
    this.cursor = page.cursor;
    for (const thread of page.threads) this.keep(thread);
    this.changed();
  }

  /** Ask how a thread is. */
  ask(conversation: number, root: number): void {
    const roots = this.wanted.get(conversation) ?? new Set();
    this.wanted.set(conversation, roots.add(root));
    this.timer ??= setTimeout(() => void this.fetch(), GATHER_MS);
  }

  /** Note that I have read a thread up to a reply. */
  seen(conversation: number, root: number, seq: number): void {
    const thread = this.of(conversation, root);
    if (!thread || seq <= thread.read) return;
    const isNews = thread.unread > 0;
    this.keep({ ...thread, read: seq, unread: 0 });
    if (isNews && thread.followed) this.own.put({ type: "seen", where: conversation, root, read: seq });
    this.changed();
  }

  /** Follow a thread, or leave it alone. */
  follow(conversation: number, root: number, on: boolean): void {
    const none = { conversation, root, replies: 0, read: 0, unread: 0, participants: [] };
    this.keep({ ...(this.of(conversation, root) ?? none), followed: on });
    this.own.put({ type: "follow", where: conversation, root, on });
    this.changed();
  }

  /** Take note of a reply, or of what I said of a thread elsewhere. */
  apply(event: LogEvent): void {
    if (event.kind === "follow" || event.kind === "seen") {
      const thread = this.of(event.where, event.root);
      const isTold =
        event.kind === "follow" ? thread?.followed === event.on : thread !== undefined && thread.read >= event.read;
      if (!isTold) this.ask(event.where, event.root);
    } else if (event.kind === "message" && event.thread !== undefined) this.answered(event, event.thread);
    else if (event.kind === "delete") this.deleted(event.conversation, event.target);
  }

  private answered(reply: MessageSaid, root: number): void {
    const { conversation, user, at, seq } = reply;
    const thread = this.of(conversation, root);
    const isMine = user === this.store.me?.id;
    if (!thread) {
      if (isMine || this.store.mentionsMe(reply) || this.isMyRoot(conversation, root)) this.ask(conversation, root);
      return;
    }
    if (seq <= thread.read) return;
    const { participants } = thread;
    this.keep({
      ...thread,
      replies: thread.replies + 1,
      last_reply_at: reply.said_at ?? at,
      read: isMine ? seq : thread.read,
      unread: isMine ? 0 : thread.unread + 1,
      participants: participants.includes(user) ? participants : [...participants, user],
    });
    // By saying something, or being wanted, one comes to follow, unless one wanted to be left alone.
    if (!thread.followed && (isMine || this.store.mentionsMe(reply))) this.ask(conversation, root);
    this.changed();
  }

  private deleted(conversation: number, seq: number): void {
    const root = this.store.kept(conversation)?.message(seq)?.thread;
    if (root !== undefined && this.of(conversation, root)) this.ask(conversation, root);
  }

  private isMyRoot(conversation: number, root: number): boolean {
    const { kind } = this.store.conversations.get(conversation) ?? {};
    const message = this.store.kept(conversation)?.message(root);
    // In a channel of thousands not everybody may ask about each new thread: only whose root it is known to be.
    return message ? message.user === this.store.me?.id : kind === "direct" || kind === "group";
  }

  private keep(thread: Thread): void {
    this.known.set(`${thread.conversation}/${thread.root}`, thread);
  }

  private async fetch(): Promise<void> {
    this.timer = undefined;
    const wanted = [...this.wanted];
    this.wanted.clear();
    for (const [conversation, roots] of wanted) {
      try {
        const { threads } = await this.api.someThreads(conversation, [...roots].slice(0, MOST_ROOTS));
        for (const thread of threads) this.keep(thread);
      } catch {
        // The next reply, or opening the thread, asks again.
      }
    }
    this.changed();
  }
}

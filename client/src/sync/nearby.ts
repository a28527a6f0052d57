import type { ClientFrame, LogEvent, PresenceFrame, TypingFrame, Whereabout } from "./wire";

/** What is on the screen: whose whereabouts and which conversations' news are wanted. */
export interface Watched {
  users: number[];
  conversations: number[];
}

const NOTHING = JSON.stringify([[], []]);
const GATHER_MS = 150;
const MOST_USERS = 200;
const MOST_CONVERSATIONS = 20;
/** Somebody who writes says so every three seconds. */
const TYPING_EVERY_MS = 3_000;
const TYPING_LASTS_MS = 6_500;
const ACTIVE_EVERY_MS = 60_000;

/** Who is here and who is writing, of those on the screen. */
export class Nearby {
  private readonly whereabouts = new Map<number, Whereabout>();
  private readonly writing = new Map<number, { users: number[]; timer: ReturnType<typeof setTimeout> }>();
  private watched: Watched = { users: [], conversations: [] };
  private told = NOTHING;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private typedAt = new Map<number, number>();
  private activeAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly send: (frame: ClientFrame) => boolean,
    private readonly changed: () => void,
  ) {}

  /** Give where a person is; nothing where that is not known. */
  of(user: number): Whereabout | undefined {
    return this.whereabouts.get(user);
  }

  /** Give who is writing in a conversation. */
  typing(conversation: number): number[] {
    return this.writing.get(conversation)?.users ?? [];
  }

  /** Say what is on the screen now, in place of what was before. */
  watch(watched: Watched): void {
    this.watched = watched;
    this.timer ??= setTimeout(() => this.tell(), GATHER_MS);
  }

  /** Say that somebody is at this device. */
  active(): void {
    const now = Date.now();
    if (now - this.activeAt < ACTIVE_EVERY_MS) return;
    if (this.send({ type: "active" })) this.activeAt = now;
  }

  /** Say that I am writing in a conversation. */
  type(conversation: number): void {
    const now = Date.now();
    if (now - (this.typedAt.get(conversation) ?? 0) < TYPING_EVERY_MS) return;
    if (this.send({ type: "typing", conversation })) this.typedAt.set(conversation, now);
  }

  /** Begin anew with a new connection: it knows nothing of what was watched. */
  connected(): void {
    this.told = NOTHING;
    this.activeAt = Number.NEGATIVE_INFINITY;
    this.tell();
  }

  /** Without a connection it is not known where anybody is. */
  disconnected(): void {
    this.whereabouts.clear();
    for (const conversation of [...this.writing.keys()]) this.hush(conversation);
    this.changed();
  }

  /** Take news of where people are. */
  takePresence({ users }: PresenceFrame): void {
    for (const one of users) {
      if (one.status) this.whereabouts.set(one.user, one);
      else this.whereabouts.delete(one.user);
    }
    this.changed();
  }

  /** Take who is writing in a conversation. */
  takeTyping({ conversation, users }: TypingFrame): void {
    this.hush(conversation);
    if (users.length > 0) {
      const timer = setTimeout(() => {
        this.hush(conversation);
        this.changed();
      }, TYPING_LASTS_MS);
      this.writing.set(conversation, { users, timer });
    }
    this.changed();
  }

  /** What somebody says ends the writing of it. */
  apply(event: LogEvent): void {
    if (event.kind !== "message") return;
    this.typedAt.delete(event.conversation);
    const writing = this.writing.get(event.conversation);
    if (!writing?.users.includes(event.user)) return;
    writing.users = writing.users.filter((user) => user !== event.user);
    this.changed();
  }

  private hush(conversation: number): void {
    clearTimeout(this.writing.get(conversation)?.timer);
    this.writing.delete(conversation);
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const users = [...new Set(this.watched.users)].sort((a, b) => a - b).slice(0, MOST_USERS);
    const conversations = this.watched.conversations.slice(0, MOST_CONVERSATIONS);
    const words = JSON.stringify([users, conversations]);
    if (words === this.told || !this.send({ type: "watch", users, conversations })) return;
    this.told = words;
    for (const user of [...this.whereabouts.keys()]) if (!users.includes(user)) this.whereabouts.delete(user);
  }
}

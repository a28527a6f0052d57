import { Cursor } from "./cursor";
import { Log } from "./log";
import type { Conversation, EventsFrame, LogEvent, Message, MessageSaid, Person } from "./wire";

/** This many conversations keep what was read of them; the one left longest ago lets go. */
const MOST_LOGS = 12;

export interface StoreEvents {
  /** Something that is shown of a conversation changed. */
  changed: (conversation: number) => void;
  /** A conversation came, went or moved in the list. */
  listed: () => void;
  /** Events are missing after `seq`. */
  behind: (conversation: number, seq: number) => void;
  /** A conversation is not known, or its counts are not any more. */
  unknown: (conversation: number) => void;
  /** An event entered the log. */
  applied: (event: LogEvent) => void;
}

/** All that is known of my conversations. It has one writer for what happens in them: `apply`. */
export class Store {
  me: Person | undefined;
  /** The user groups that I am in. */
  groups: ReadonlySet<number> = new Set();
  readonly conversations = new Map<number, Conversation>();
  private readonly cursors = new Map<number, Cursor>();
  private readonly logs = new Map<number, Log>();
  private readonly lastSaid = new Map<number, number>();
  private clock = 0;

  constructor(private readonly on: StoreEvents) {}

  /** Give the log of a conversation that is being read, and keep it. */
  log(id: number): Log {
    const log = this.logs.get(id) ?? new Log();
    this.logs.delete(id);
    this.logs.set(id, log);
    for (const [oldest] of this.logs) {
      if (this.logs.size <= MOST_LOGS) break;
      this.logs.delete(oldest);
    }
    return log;
  }

  /** Give the log of a conversation if one is kept. */
  kept(id: number): Log | undefined {
    return this.logs.get(id);
  }

  /** Give the cursors of what is held, for a hello. */
  held(): Record<string, number> {
    const held: Record<string, number> = {};
    for (const [id, cursor] of this.cursors) {
      // Of one's own log every word counts, though nothing of it is shown as a log.
      const isOwn = this.conversations.get(id)?.kind === "personal";
      if (isOwn || this.logs.get(id)?.held) held[id] = cursor.seq;
    }
    return held;
  }

  /** How recently something was said in a conversation, for the order of a list: more is later. */
  recency(id: number): number {
    return this.lastSaid.get(id) ?? 0;
  }

  /** Take the server's list, latest first. */
  adoptAll(conversations: Conversation[]): void {
    conversations.forEach((conversation, index) => {
      this.lastSaid.set(conversation.id, this.lastSaid.get(conversation.id) ?? -index);
      this.adopt(conversation);
    });
    this.on.listed();
  }

  /** Take what the server says of a conversation as of its `seq`. */
  adopt(fresh: Conversation): void {
    const known = this.conversations.get(fresh.id);
    if (known && known.seq > fresh.seq) return;
    const ahead = known !== undefined && known.read > fresh.read;
    const counts = ahead && known.read >= fresh.seq ? { unread: 0, mentions: 0 } : {};
    this.conversations.set(fresh.id, { ...fresh, ...(ahead ? { read: known.read, ...counts } : {}) });
    const cursor = this.cursors.get(fresh.id);
    if (!cursor) this.cursors.set(fresh.id, new Cursor(fresh.seq));
    else if (fresh.kind !== "personal" && !this.logs.get(fresh.id)?.held)
      cursor.moveTo(Math.max(cursor.seq, fresh.seq));
    if (!known) this.on.listed();
    this.on.changed(fresh.id);
  }

  /** Forget a conversation that I may no longer read. */
  remove(id: number): void {
    this.conversations.delete(id);
    this.cursors.delete(id);
    this.logs.delete(id);
    this.on.listed();
    this.on.changed(id);
  }

  /** Drop what is held of a conversation, because too much of it was missed. */
  drop(id: number): void {
    this.logs.delete(id);
    this.on.changed(id);
  }

  /** Take an event as the socket brings it, and apply all that are now in order. */
  receive(event: LogEvent): void {
    const cursor = this.cursors.get(event.conversation);
    if (!cursor) {
      this.on.unknown(event.conversation);
      return;
    }
    this.applyAll(event.conversation, cursor.take(event));
    if (cursor.behind) this.on.behind(event.conversation, cursor.seq);
  }

  /** Take the answer to a sync; asks for the next one while there is more. */
  receivePage(frame: EventsFrame): void {
    const cursor = this.cursors.get(frame.conversation);
    if (!cursor) return;
    this.applyAll(frame.conversation, cursor.takePage(frame.from, frame.events));
    if (frame.more || cursor.behind) this.on.behind(frame.conversation, cursor.seq);
  }

  /** Give up to where a conversation's log has been followed. */
  reached(id: number): number {
    return this.cursors.get(id)?.seq ?? 0;
  }

  /** Let go of what was said for a time that is over, and give when the next such time ends (ms). */
  expire(now: number): number | undefined {
    let next: number | undefined;
    for (const [id, log] of this.logs) {
      const before = log.window.length;
      const end = log.expire(now);
      if (log.window.length < before) this.on.changed(id);
      if (end !== undefined) next = Math.min(next ?? end, end);
    }
    return next;
  }

  /** Tell those conversations that are held and have moved beyond their cursor. */
  fallenBehind(): [number, number][] {
    return Object.entries(this.held()).flatMap(([id, seq]) =>
      (this.conversations.get(Number(id))?.seq ?? 0) > seq ? [[Number(id), seq] as [number, number]] : [],
    );
  }

  /** Tell those conversations in which something came early and is still waiting for what is missing. */
  incomplete(): [number, number][] {
    return [...this.cursors].flatMap(([id, cursor]) => (cursor.behind ? [[id, cursor.seq] as [number, number]] : []));
  }

  /** Apply one event: the only way in which what was said changes. */
  apply(event: LogEvent): void {
    const gone = event.kind === "delete" ? this.logs.get(event.conversation)?.message(event.target) : undefined;
    this.logs.get(event.conversation)?.apply(event);
    const before = this.conversations.get(event.conversation);
    // Facts came as of their own seq: what lies before it is in them already.
    if (before && event.seq > before.seq) this.conversations.set(before.id, this.after(before, event, gone));
    this.on.applied(event);
  }

  /** Move my read position forward and count again what is left. */
  read(id: number, seq: number): boolean {
    const conversation = this.conversations.get(id);
    if (!conversation || seq <= conversation.read) return false;
    const left = seq >= conversation.seq ? [] : this.unreadAfter(id, seq);
    this.conversations.set(id, {
      ...conversation,
      read: seq,
      unread: left?.length ?? conversation.unread,
      mentions: left?.filter((message) => this.mentionsMe(message)).length ?? conversation.mentions,
    });
    this.on.changed(id);
    return true;
  }

  /** Say whether a message wants me: by name, as one of a user group, or as one of its conversation. */
  mentionsMe(message: MessageSaid): boolean {
    return message.mentions?.some((who) => this.isMe(who)) ?? false;
  }

  private isMe(who: NonNullable<MessageSaid["mentions"]>[number]): boolean {
    if (typeof who === "object") return this.groups.has(who.group);
    return who === this.me?.id || who === "channel" || who === "here";
  }

  private applyAll(id: number, events: LogEvent[]): void {
    for (const event of events) this.apply(event);
    if (events.length > 0) this.on.changed(id);
  }

  private after(conversation: Conversation, event: LogEvent, gone?: Message): Conversation {
    const now = { ...conversation, seq: event.seq };
    switch (event.kind) {
      case "message": {
        this.clock += 1;
        this.lastSaid.set(now.id, this.clock);
        this.on.listed();
        const counts = event.user !== this.me?.id && event.seq > now.read;
        if (!counts) return now;
        return { ...now, unread: now.unread + 1, mentions: now.mentions + (this.mentionsMe(event) ? 1 : 0) };
      }
      case "delete":
        return event.target > now.read ? this.without(now, gone) : now;
      case "rename":
        return { ...now, name: event.name };
      case "topic":
        return { ...now, topic: event.topic };
      case "purpose":
        return { ...now, purpose: event.purpose };
      case "private":
        return { ...now, is_private: event.on };
      case "rules":
        return ruled(now, event);
      case "role":
        return event.member === this.me?.id ? { ...now, role: event.role as Conversation["role"] } : now;
      case "mute":
        return event.member === this.me?.id ? { ...now, muted_until: event.until } : now;
      case "archive":
        return { ...now, is_archived: event.on };
      default:
        return now;
    }
  }

  /** Take a message that was deleted off what is unread; one that is not held may have wanted me: ask. */
  private without(now: Conversation, gone: Message | undefined): Conversation {
    if (gone && (gone.deleted_at !== undefined || gone.user === this.me?.id)) return now;
    if (!gone && now.mentions > 0) this.on.unknown(now.id);
    const wanted = gone !== undefined && this.mentionsMe(gone);
    return { ...now, unread: Math.max(0, now.unread - 1), mentions: Math.max(0, now.mentions - (wanted ? 1 : 0)) };
  }

  /** Give the messages of others after `seq`, if the window holds all of them. */
  private unreadAfter(id: number, seq: number): MessageSaid[] | undefined {
    const log = this.logs.get(id);
    if (!log?.loaded || log.newer || (log.older && (log.window[0] ?? 0) > seq)) return undefined;
    return log.window.flatMap((at) => {
      const message = at > seq ? log.message(at) : undefined;
      return message && message.user !== this.me?.id && message.deleted_at === undefined ? [message] : [];
    });
  }
}

type Rules = Extract<LogEvent, { kind: "rules" }>;

/** Give a conversation as it is after some of its rules changed. */
function ruled(now: Conversation, { read_only, slow_s, disappears_s, history, edits_s }: Rules): Conversation {
  return {
    ...now,
    ...(read_only === undefined ? {} : { is_read_only: read_only }),
    ...(slow_s === undefined ? {} : { slow_s }),
    ...(disappears_s === undefined ? {} : { disappears_s }),
    ...(history === undefined ? {} : { history }),
    ...(edits_s === undefined ? {} : { edits_s: edits_s ?? undefined }),
  };
}

import type { LogEvent, Message, MessageSaid, Reaction } from "./wire";

/** Give the message as it is after an event that points at it. */
export function amend(message: Message, event: LogEvent): Message {
  if (message.deleted_at !== undefined) return message;
  switch (event.kind) {
    case "edit":
      return { ...message, body: event.body, edited_at: claimed(event) };
    case "delete": {
      const {
        attachments: _files,
        mentions: _names,
        reactions: _faces,
        edited_at: _edited,
        ...rest
      } = unpinned(message);
      return { ...rest, body: "", deleted_at: claimed(event), deleted_by: event.user };
    }
    case "react": {
      const { reactions = [], ...rest } = message;
      const after = react(reactions, event.emoji, event.user, event.on);
      return after.length > 0 ? { ...rest, reactions: after } : rest;
    }
    case "pin":
      if (!event.on) return message.pinned_at === undefined ? message : unpinned(message);
      return message.pinned_at === undefined
        ? { ...message, pinned_at: claimed(event), pinned_by: event.user }
        : message;
    default:
      return message;
  }
}

function unpinned(message: Message): Message {
  const { pinned_at: _at, pinned_by: _by, ...rest } = message;
  return rest;
}

/** Whether an event changes the message that it points at. */
export function amends(event: LogEvent): event is Extract<LogEvent, { kind: "edit" | "delete" | "react" | "pin" }> {
  return event.kind === "edit" || event.kind === "delete" || event.kind === "react" || event.kind === "pin";
}

function react(reactions: Reaction[], emoji: string, user: number, on: boolean): Reaction[] {
  const known = reactions.find((reaction) => reaction.emoji === emoji);
  if (!known) return on ? [...reactions, { emoji, users: [user] }] : reactions;
  if (known.users.includes(user) === on) return reactions;
  const users = on ? [...known.users, user] : known.users.filter((one) => one !== user);
  return reactions
    .map((reaction) => (reaction === known ? { emoji, users } : reaction))
    .filter((reaction) => reaction.users.length > 0);
}

/** Give the root of a thread as it is after one more reply. */
export function answered(root: Message, reply: MessageSaid): Message {
  return { ...root, replies: (root.replies ?? 0) + 1, last_reply_at: claimed(reply) };
}

/** Give when something happened, as an import or a sender claims it, else as the server saw it. */
export function claimed(event: { at: string; said_at?: string }): string {
  return event.said_at ?? event.at;
}

/** Give the root of a thread as it is after a reply was deleted. */
export function unanswered(root: Message): Message {
  const { replies = 0, ...rest } = root;
  return replies > 1 ? { ...rest, replies: replies - 1 } : rest;
}

/** Apply one event to a set of messages and name those that changed. */
export function applyEvent(messages: Map<number, Message>, event: LogEvent): number[] {
  if (event.kind === "message") {
    messages.set(event.seq, event);
    const root = event.thread === undefined ? undefined : messages.get(event.thread);
    if (!root) return [event.seq];
    messages.set(root.seq, answered(root, event));
    return [event.seq, root.seq];
  }
  if (!amends(event)) return [];
  const before = messages.get(event.target);
  if (!before) return [];
  const after = amend(before, event);
  if (after === before) return [];
  messages.set(before.seq, after);
  const root = event.kind === "delete" && before.thread !== undefined ? messages.get(before.thread) : undefined;
  if (!root) return [before.seq];
  messages.set(root.seq, unanswered(root));
  return [before.seq, root.seq];
}

/** Fold a log into its messages with edits, deletions, reactions and replies applied. */
export function fold(events: LogEvent[]): Message[] {
  const messages = new Map<number, Message>();
  for (const event of events) applyEvent(messages, event);
  return [...messages.values()].sort((a, b) => a.seq - b.seq);
}

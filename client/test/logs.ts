import type { Conversation, LogEvent, Message } from "../src/sync/wire";

/** The part of an event that a test cares about. */
export type Deed =
  | {
      kind: "message";
      user?: number;
      body?: string;
      thread?: number;
      mentions?: (number | { group: number } | "channel" | "here")[];
    }
  | { kind: "edit"; target: number; body: string }
  | { kind: "delete"; target: number; user?: number }
  | { kind: "react"; target: number; emoji: string; on: boolean; user?: number }
  | { kind: "join"; member: number };

/** Number deeds as a server would. */
export function logOf(deeds: Deed[], conversation = 1): LogEvent[] {
  return deeds.map((deed, index) => {
    const seq = index + 1;
    const common = { conversation, seq, id: `id-${conversation}-${seq}`, user: 2, at: atOf(seq) };
    const words = deed.kind === "message" ? { body: `words ${seq}` } : {};
    return { ...common, ...words, ...deed } as LogEvent;
  });
}

/** Give the moment at which an event of a test happened. */
export function atOf(seq: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();
}

/** Make a conversation as the server lists it. */
export function conversationOf(fields: Partial<Conversation> = {}): Conversation {
  return {
    id: 1,
    kind: "channel",
    name: "general",
    seq: 0,
    read: 0,
    delivered: 0,
    unread: 0,
    mentions: 0,
    role: "member",
    is_private: false,
    ...fields,
  };
}

/** Make a message as history gives it. */
export function messageOf(fields: Partial<Message> = {}): Message {
  return {
    kind: "message",
    conversation: 1,
    seq: 1,
    id: "id",
    user: 2,
    at: atOf(fields.seq ?? 1),
    body: "words",
    ...fields,
  };
}

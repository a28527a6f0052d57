// Generated from messaging/protocol: do not edit.

export interface Person {
  id: number;
  username: string;
  name: string;
  is_bot?: boolean;
}

interface Common {
  conversation: number;
  seq: number;
  id: string;
  user: number;
  at: string;
  said_at?: string;
  source?: string;
}

export interface MessageEvent extends Common {
  kind: "message";
  body: string;
  thread?: number;
  attachments?: string[];
  mentions?: (number | string)[];
  me?: boolean;
}
export interface EditEvent extends Common {
  kind: "edit";
  target: number;
  body: string;
}
export interface DeleteEvent extends Common {
  kind: "delete";
  target: number;
}
export interface ReactEvent extends Common {
  kind: "react";
  target: number;
  emoji: string;
  on: boolean;
}
export interface JoinEvent extends Common {
  kind: "join";
  member: number;
}
export interface LeaveEvent extends Common {
  kind: "leave";
  member: number;
}
export interface RoleEvent extends Common {
  kind: "role";
  member: number;
  role: string;
}
export interface RenameEvent extends Common {
  kind: "rename";
  name: string;
}
export interface TopicEvent extends Common {
  kind: "topic";
  topic: string;
}
export interface PurposeEvent extends Common {
  kind: "purpose";
  purpose: string;
}
export interface ArchiveEvent extends Common {
  kind: "archive";
  on: boolean;
}

export type LogEvent =
  | MessageEvent
  | EditEvent
  | DeleteEvent
  | ReactEvent
  | JoinEvent
  | LeaveEvent
  | RoleEvent
  | RenameEvent
  | TopicEvent
  | PurposeEvent
  | ArchiveEvent;

export interface Reaction {
  emoji: string;
  users: number[];
}

export interface Message extends MessageEvent {
  edited_at?: string;
  deleted_at?: string;
  deleted_by?: number;
  reactions?: Reaction[];
  replies?: number;
  last_reply_at?: string;
}

export interface Conversation {
  id: number;
  kind: "channel" | "group" | "direct" | "personal";
  name: string;
  topic: string;
  is_private: boolean;
  seq: number;
  read: number;
  delivered: number;
  unread: number;
  mentions: number;
  role: string;
  is_archived: boolean;
  users?: Person[];
}

export interface Receipt {
  user: number;
  read: number;
  delivered: number;
  at: string;
}

export interface Hello {
  type: "hello";
  cursors: Record<string, number>;
}
export interface Sync {
  type: "sync";
  cursors: Record<string, number>;
}
export interface Send {
  type: "send";
  id: string;
  conversation: number;
  body: string;
  thread?: number;
}
export interface Read {
  type: "read";
  conversation: number;
  seq: number;
}
export interface Ping {
  type: "ping";
  n?: number;
}
export type ClientFrame = Hello | Sync | Send | Read | Ping;

export interface Welcome {
  type: "welcome";
  user: Person;
  heartbeat: number;
  conversations: Conversation[];
}
export interface Ack {
  type: "ack";
  id: string;
  conversation: number;
  seq: number;
  at: string;
  duplicate?: boolean;
}
export interface ErrorFrame {
  type: "error";
  id?: string;
  code: string;
  detail: string;
  retry_after?: number;
}
export type EventFrame = { type: "event" } & LogEvent;
export interface EventsFrame {
  type: "events";
  conversation: number;
  from: number;
  events: LogEvent[];
  more?: boolean;
  gap?: boolean;
}
export interface ConversationFrame {
  type: "conversation";
  conversation: Conversation;
  change: "added" | "renamed" | "archived" | "removed";
}
export interface ReceiptFrame {
  type: "receipt";
  conversation: number;
  receipts: Receipt[];
}
export interface Pong {
  type: "pong";
  n?: number;
}
export type ServerFrame =
  | Welcome
  | Ack
  | ErrorFrame
  | EventFrame
  | EventsFrame
  | ConversationFrame
  | ReceiptFrame
  | Pong;

import type { Entry, Notice } from "../sync/log";
import type { Outgoing } from "../sync/outbox";
import type { Message } from "../sync/wire";
import { dayKey } from "./time";

/** One line of a timeline. */
export type Row =
  | { type: "day"; key: string; at: string }
  | { type: "new"; key: string }
  | { type: "notices"; key: string; notices: Notice[] }
  | { type: "message"; key: string; message: Message; first: boolean; reply: boolean }
  | { type: "outgoing"; key: string; item: Outgoing; first: boolean; reply: boolean };

export interface RowOptions {
  /** The seq after which a "New" line stands. */
  readBefore?: number;
  /** Whose message an outgoing one will be. */
  me?: number;
  /** Within a thread every line is a reply: it need not be said. */
  inThread?: boolean;
}

/** Longer silences end a group, so that its time is said again with the name. */
const GROUP_MS = 10 * 60_000;

/** The time to show for a message: what an import or a sender claims, else the server's. */
export function shownAt(entry: { at: string; said_at?: string }): string {
  return entry.said_at ?? entry.at;
}

/** Lay entries and what is on its way out as rows: days, groups of one author, runs of notices. */
export function layOut(entries: Entry[], outgoing: Outgoing[], options: RowOptions = {}): Row[] {
  const rows: Row[] = [];
  let lastDay = "";
  const startDay = (at: string, key: string) => {
    const day = dayKey(at);
    if (day === lastDay) return;
    lastDay = day;
    rows.push({ type: "day", key: `day ${key}`, at });
  };
  let marked = options.readBefore === undefined;
  for (const entry of entries) {
    startDay(shownAt(entry), entry.id);
    if (!marked && entry.kind === "message" && entry.seq > options.readBefore! && entry.user !== options.me) {
      marked = true;
      rows.push({ type: "new", key: "new" });
    }
    const before = rows.at(-1);
    if (entry.kind === "message") rows.push(messageRow(entry, before, options));
    else if (before?.type === "notices") before.notices.push(entry);
    else rows.push({ type: "notices", key: entry.id, notices: [entry] });
  }
  for (const item of outgoing) {
    startDay(item.at, item.id);
    const before = rows.at(-1);
    const first = !continues(before, { user: options.me ?? 0, at: item.at, thread: item.thread, imported: false });
    rows.push({ type: "outgoing", key: item.id, item, first, reply: first && !options.inThread && !!item.thread });
  }
  return rows;
}

function messageRow(message: Message, before: Row | undefined, options: RowOptions): Row {
  const { user, thread } = message;
  const first = !continues(before, { user, at: shownAt(message), thread, imported: isImported(message) }, options);
  return {
    type: "message",
    key: message.id,
    message,
    first,
    reply: first && !options.inThread && thread !== undefined,
  };
}

interface Speech {
  user: number;
  at: string;
  thread?: number;
  imported: boolean;
}

function continues(before: Row | undefined, now: Speech, options: RowOptions = {}): boolean {
  if (before?.type !== "message" && before?.type !== "outgoing") return false;
  const then: Speech =
    before.type === "message"
      ? { ...before.message, at: shownAt(before.message), imported: isImported(before.message) }
      : { user: now.user, at: before.item.at, thread: before.item.thread, imported: false };
  const sameThread = options.inThread || then.thread === now.thread;
  const apart = Math.abs(Date.parse(now.at) - Date.parse(then.at));
  return then.user === now.user && then.imported === now.imported && sameThread && apart < GROUP_MS;
}

/** Say whether a message was brought from elsewhere and not witnessed here. */
export function isImported(message: Message): boolean {
  return message.source !== undefined && message.source !== "client";
}

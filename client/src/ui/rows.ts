import { claimed } from "../sync/fold";
import type { Entry, Notice } from "../sync/log";
import type { Outgoing, OutgoingMessage } from "../sync/outbox";
import type { Message } from "../sync/wire";
import { dayKey } from "./time";

/** One line of a timeline. */
export type Row =
  | { type: "day"; key: string; at: string }
  | { type: "new"; key: string }
  | { type: "notices"; key: string; notices: Notice[] }
  | { type: "message"; key: string; message: Message; first: boolean; reply?: Reply; refused?: Outgoing; isLast?: true }
  | { type: "outgoing"; key: string; item: OutgoingMessage; first: boolean };

/** A reply names its root, unless the line above belongs to the same thread. */
export type Reply = "named" | "same";

export interface RowOptions {
  /** The seq after which a "New" line stands, if what comes before it is among the entries or nowhere. */
  readBefore?: number;
  /** Whether the entries start where the record does. */
  fromStart?: boolean;
  /** Whose message an outgoing one will be. */
  me?: number;
  /** Within a thread every line is a reply: it need not be said. */
  inThread?: boolean;
  /** A reply that is shown in the room though it was said in its thread alone: a link leads to it. */
  target?: number;
  /** Whether my last message says how far it has got. */
  namesReaders?: boolean;
  /** Finds my edit of a message that was refused. */
  refused?: (message: Message) => Outgoing | undefined;
  /** A day that needs no line, because what stands above is of it. */
  since?: string;
}

/** Longer silences end a group, so that its time is said again with the name. */
const GROUP_MS = 10 * 60_000;

/** Lay entries and what is on its way out as rows: days, groups of one author, runs of notices. */
export function layOut(all: Entry[], pending: OutgoingMessage[], options: RowOptions = {}): Row[] {
  const isShown = ({ thread, also = false }: { thread?: number; also?: boolean }) =>
    options.inThread || thread === undefined || also;
  const entries = all.filter((entry) => entry.kind !== "message" || isShown(entry) || entry.seq === options.target);
  const outgoing = pending.filter((item) => isShown(item.frame));
  const rows: Row[] = [];
  let lastDay = options.since === undefined ? "" : dayKey(options.since);
  const startDay = (at: string, key: string) => {
    const day = dayKey(at);
    if (day === lastDay) return;
    lastDay = day;
    rows.push({ type: "day", key: `day ${key}`, at });
  };
  const { readBefore = Number.POSITIVE_INFINITY, fromStart = false } = options;
  let marked = !fromStart && (entries[0]?.seq ?? 0) > readBefore;
  for (const entry of entries) {
    startDay(claimed(entry), entry.id);
    if (!marked && entry.kind === "message" && entry.seq > readBefore && entry.user !== options.me) {
      marked = true;
      rows.push({ type: "new", key: "new" });
    }
    const before = rows.at(-1);
    if (entry.kind === "message") rows.push(messageRow(entry, before, options));
    else if (before?.type === "notices") before.notices.push(entry);
    else rows.push({ type: "notices", key: entry.id, notices: [entry] });
  }
  const last = options.namesReaders
    ? rows.findLast((row) => row.type === "message" && isMine(row.message, options))
    : undefined;
  if (last?.type === "message") last.isLast = true;
  for (const item of outgoing) {
    startDay(item.at, item.id);
    const before = rows.at(-1);
    const first = !continues(
      before,
      { user: options.me ?? 0, at: item.at, thread: item.frame.thread, imported: false },
      options,
    );
    rows.push({ type: "outgoing", key: item.id, item, first });
  }
  return rows;
}

function isMine({ user, deleted_at }: Message, { me }: RowOptions): boolean {
  return user === me && deleted_at === undefined;
}

function messageRow(message: Message, before: Row | undefined, options: RowOptions): Row {
  const { user, thread } = message;
  const first = !continues(before, { user, at: claimed(message), thread, imported: isImported(message) }, options);
  return {
    type: "message",
    key: message.id,
    message,
    first,
    reply: options.inThread ? undefined : replyOf(message, before),
    refused: options.refused?.(message),
  };
}

function replyOf({ thread }: Message, before: Row | undefined): Reply | undefined {
  if (thread === undefined) return undefined;
  if (before?.type !== "message") return "named";
  return before.message.thread === thread || before.message.seq === thread ? "same" : "named";
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
      ? { ...before.message, at: claimed(before.message), imported: isImported(before.message) }
      : { user: now.user, at: before.item.at, thread: before.item.frame.thread, imported: false };
  const sameThread = options.inThread || then.thread === now.thread;
  const apart = Math.abs(Date.parse(now.at) - Date.parse(then.at));
  return then.user === now.user && then.imported === now.imported && sameThread && apart < GROUP_MS;
}

/** Take rows over from the last time where they say the same, so that they need not be drawn again. */
export function keepSame(rows: Row[], before: Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const then = known.get(row.key);
    return then && saysSame(row, then) ? then : row;
  });
}

function saysSame(one: Row, other: Row): boolean {
  if (one.type === "message" && other.type === "message") {
    const isSame = one.message === other.message && one.refused === other.refused && one.isLast === other.isLast;
    return isSame && one.first === other.first && one.reply === other.reply;
  }
  if (one.type === "outgoing" && other.type === "outgoing") return one.item === other.item && one.first === other.first;
  return one.type === other.type && (one.type === "day" || one.type === "new");
}

/** Say whether a row stays what it is when others come before it: a line between days does not. */
export function isLasting(row: Row): boolean {
  return row.type !== "day" && row.type !== "new";
}

/** Say whether a message was brought from elsewhere and not witnessed here. */
export function isImported(message: Message): boolean {
  return message.source !== undefined && message.source !== "client";
}

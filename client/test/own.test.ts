import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Drafts } from "../src/sync/drafts";
import { foreseen } from "../src/sync/foreseen";
import { memoryShelf, Outbox, OWN } from "../src/sync/outbox";
import { Own } from "../src/sync/own";
import type { ClientFrame, LogEvent } from "../src/sync/wire";
import { messageOf } from "./logs";

type Draft = Extract<ClientFrame, { type: "draft" }>;

/** One of my devices: what it sends waits until the test answers. */
class Device {
  sent: ClientFrame[] = [];
  left = new Map<string, string>();
  own = new Own({ state: async () => ({ state: [], seq: 0, cursor: null }) }, () => this.outbox, vi.fn());
  outbox: Outbox = new Outbox(
    memoryShelf(),
    (frame) => this.sent.push(frame),
    vi.fn(),
    (item) => this.own.refused(item),
  );
  drafts = new Drafts(this.own, {
    set: (place, text) => void this.left.set(place, text),
    remove: (place) => void this.left.delete(place),
    all: () => [...this.left],
  });

  /** The server takes the oldest command, and tells all devices of it. */
  answer(seq: number, ...others: Device[]): void {
    const frame = this.sent.shift() as Draft;
    const item = this.outbox.acked({ type: "ack", id: frame.id, conversation: 9, seq, at: "" })!;
    this.own.acked(item, seq);
    this.outbox.arrived(frame.id);
    if (frame.type === "draft") this.drafts.acked(frame.where, frame.thread, frame.body);
    const { type, ...fields } = frame;
    const event = { ...fields, kind: type, conversation: 9, seq, user: 1, at: "" } as LogEvent;
    for (const device of [this, ...others]) device.own.apply(event);
  }
}

let here: Device;
let there: Device;

beforeEach(() => {
  vi.useFakeTimers();
  [here, there] = [new Device(), new Device()];
  for (const device of [here, there]) device.outbox.connected();
});
afterEach(() => vi.useRealTimers());

test("what is typed is told in a moment, once, and two devices agree", () => {
  here.drafts.type(1, undefined, "hel");
  here.drafts.type(1, undefined, "hello");
  expect(here.sent).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(here.sent).toMatchObject([{ type: "draft", where: 1, body: "hello" }]);
  here.answer(1, there);
  expect(there.drafts.of(1)).toBe("hello");
  there.drafts.type(1, undefined, "hello there");
  here.drafts.type(1, undefined, "hello here");
  vi.advanceTimersByTime(500);
  there.answer(2, here);
  here.answer(3, there);
  expect([here.drafts.of(1), there.drafts.of(1)]).toEqual(["hello here", "hello here"]);
});

test("sending leaves no draft anywhere, and an empty place says nothing to the server", () => {
  here.drafts.type(1, 4, "reply");
  vi.advanceTimersByTime(500);
  here.answer(1, there);
  here.drafts.clear(1, 4);
  here.answer(2, there);
  expect([here.drafts.of(1, 4), there.drafts.of(1, 4)]).toEqual(["", ""]);
  expect(there.own.all("draft")).toEqual([]);
  here.drafts.type(2, undefined, "x");
  here.drafts.clear(2);
  vi.advanceTimersByTime(500);
  expect(here.sent).toEqual([]);
});

test("what the server has not taken is left for the next page, which tells it", () => {
  here.drafts.type(1, undefined, "unsaid");
  expect(here.left.get("1")).toBe("unsaid");
  there.left = here.left;
  there.drafts.restore();
  expect(there.drafts.of(1)).toBe("unsaid");
  there.answer(1);
  expect(there.left.size).toBe(0);
});

test("of words that wait only the last goes out; what is refused never was", () => {
  here.outbox.disconnected();
  for (const on of [true, false, true]) here.own.put({ type: "save", where: 1, message: 7, on });
  expect(here.outbox.pending(OWN)).toHaveLength(1);
  expect(here.own.get("save", "1/7")).toBeDefined();
  here.outbox.connected();
  const [frame] = here.sent;
  here.outbox.refused({ type: "error", id: (frame as Draft).id, code: "not_found", detail: "Gone." });
  expect(here.own.get("save", "1/7")).toBeUndefined();
});

test("the last word counts, in whichever order one hears; reading only advances; a time that is over ends it", () => {
  const word = (seq: number, fields: object) =>
    here.own.apply({ conversation: 9, id: `${seq}`, user: 1, at: "", seq, ...fields } as LogEvent);
  word(5, { kind: "save", where: 1, message: 7, on: false });
  word(4, { kind: "save", where: 1, message: 7, on: true });
  expect(here.own.get("save", "1/7")).toBeUndefined();
  word(6, { kind: "seen", where: 1, root: 3, read: 9 });
  word(7, { kind: "seen", where: 1, root: 3, read: 8 });
  expect(here.own.get("seen", "1/3")?.read).toBe(9);
  const until = new Date(Date.now() + 60_000).toISOString();
  word(8, { kind: "level", where: 1, level: "none", until });
  expect(here.own.get("level", "1")?.level).toBe("none");
  vi.advanceTimersByTime(61_000);
  expect(here.own.get("level", "1")).toBeUndefined();
});

test("what I do to a message shows before it is in the log, and not once it was refused", () => {
  const message = messageOf({ seq: 3, body: "before" });
  here.outbox.put({ type: "edit", conversation: 1, seq: 3, body: "after" });
  here.outbox.put({ type: "react", conversation: 1, seq: 3, emoji: "👍", on: true });
  const seen = foreseen(message, here.outbox.pending(1), 1);
  expect(seen).toMatchObject({ body: "after", reactions: [{ emoji: "👍", users: [1] }] });
  const edit = here.sent[0] as Draft;
  here.outbox.refused({ type: "error", id: edit.id, code: "forbidden", detail: "Too late." });
  expect(foreseen(message, here.outbox.pending(1), 1).body).toBe("before");
  expect(foreseen(messageOf({ seq: 4 }), here.outbox.pending(1), 1).reactions).toBeUndefined();
});

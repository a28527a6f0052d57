import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../src/sync/api";
import { fold } from "../src/sync/fold";
import type { ServerFrame } from "../src/sync/wire";
import { Workspace } from "../src/sync/workspace";
import { conversationOf, logOf } from "./logs";
import { FakeWire, welcomeTo } from "./wires";

const events = logOf(Array.from({ length: 6 }, () => ({ kind: "message" }) as const));

let wires: FakeWire[];
let head: number;
let api: { [name in keyof Api]?: ReturnType<typeof vi.fn> };
let workspace: Workspace;
const wire = () => wires.at(-1)!;

beforeEach(async () => {
  vi.useFakeTimers();
  wires = [];
  head = 2;
  api = {
    messages: vi.fn(async () => ({ messages: fold(events.slice(0, head)), more: false, head })),
    conversation: vi.fn(async (id: number) => ({ ...conversationOf({ id, seq: head }), members: 2 })),
    conversations: vi.fn(async () => ({ conversations: [], cursor: null })),
    users: vi.fn(async () => ({ users: [] })),
  };
  const open = () => {
    wires.push(new FakeWire());
    return wire();
  };
  const on = { changed: vi.fn(), listed: vi.fn(), named: vi.fn(), phase: vi.fn() };
  workspace = new Workspace(api as unknown as Api, open, on);
  workspace.socket.connect();
  arrive();
  await workspace.history.open(1);
});
afterEach(() => vi.useRealTimers());

function arrive(fields = {}): void {
  wire().onopen?.();
  wire().says(welcomeTo([conversationOf({ seq: head, ...fields })]));
}

function says(seq: number): void {
  wire().says({ type: "event", ...events[seq - 1]! } as ServerFrame);
}

const window = () => workspace.store.log(1).window;
const lastSent = () => wire().sent.at(-1);

test("live events go to the end of what is shown", () => {
  says(3);
  says(3);
  expect(window()).toEqual([1, 2, 3]);
});

test("a lost event is asked for, and what came after it waits", () => {
  says(4);
  expect(window()).toEqual([1, 2]);
  expect(lastSent()).toEqual({ type: "sync", cursors: { 1: 2 } });
  wire().says({ type: "events", conversation: 1, from: 1, events: [events[2]!] });
  expect(window()).toEqual([1, 2, 3, 4]);
});

test("a sync whose answer was lost is asked again with the next pong", () => {
  says(4);
  vi.advanceTimersByTime(3000);
  wire().says({ type: "pong" });
  expect(wire().sent.filter((frame) => frame.type === "sync")).toHaveLength(2);
});

test("a reconnection names what is held and takes up what was missed, page by page", () => {
  wire().onclose?.({ code: 1012 });
  vi.advanceTimersByTime(1000);
  head = 5;
  arrive();
  expect(wire().sent[0]).toEqual({ type: "hello", cursors: { 1: 2 } });
  wire().says({ type: "events", conversation: 1, from: 1, events: events.slice(2, 4), more: true });
  expect(lastSent()).toEqual({ type: "sync", cursors: { 1: 4 } });
  wire().says({ type: "events", conversation: 1, from: 1, events: events.slice(4, 5) });
  expect(window()).toEqual([1, 2, 3, 4, 5]);
});

test("a gap drops what is held, and history takes its place", async () => {
  head = 6;
  wire().says({ type: "events", conversation: 1, from: 1, events: [], gap: true });
  expect(workspace.store.log(1).loaded).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await workspace.history.open(1);
  expect(window()).toEqual([1, 2, 3, 4, 5, 6]);
});

test("what I say leaves the outbox when its event arrives, on this line or the next", () => {
  const item = workspace.outbox.post(1, "mine");
  expect(lastSent()).toMatchObject({ type: "send", id: item.id, body: "mine" });
  wire().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(1000);
  arrive();
  expect(lastSent()).toMatchObject({ type: "send", id: item.id });
  wire().says({ type: "event", ...events[2]!, id: item.id, user: 1 } as ServerFrame);
  expect(workspace.outbox.pending(1)).toEqual([]);
});

test("reading is told half a second later, once, and after a cut as well", () => {
  workspace.reading.seen(1, 1);
  workspace.reading.seen(1, 2);
  expect(lastSent()?.type).not.toBe("read");
  wire().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(600);
  arrive();
  expect(lastSent()).toEqual({ type: "read", conversation: 1, seq: 2 });
});

test("my reading elsewhere counts here", () => {
  says(3);
  expect(workspace.store.conversations.get(1)?.unread).toBe(1);
  wire().says({ type: "receipt", conversation: 1, receipts: [{ user: 1, read: 3, delivered: 3, at: "" }] });
  expect(workspace.store.conversations.get(1)?.unread).toBe(0);
});

test("a conversation that I am added to, and taken out of", async () => {
  wire().says({ type: "conversation", conversation: conversationOf({ id: 2 }), change: "added" });
  expect(workspace.store.conversations.has(2)).toBe(true);
  wire().says({ type: "event", ...events[0]!, conversation: 2, kind: "leave", member: 1 } as never);
  expect(workspace.store.conversations.has(2)).toBe(false);
});

test("an event of a conversation not in the list brings it", async () => {
  wire().says({ type: "event", ...events[0]!, conversation: 9 } as ServerFrame);
  await vi.advanceTimersByTimeAsync(1);
  expect(workspace.store.conversations.get(9)?.seq).toBe(2);
});

test("names are asked for once, together", async () => {
  for (const id of [4, 5, 4]) expect(workspace.people.get(id)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(50);
  expect(api.users?.mock.calls).toEqual([[[4, 5]]]);
});

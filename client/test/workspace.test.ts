import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../src/sync/api";
import type { Pad } from "../src/sync/drafts";
import { fold } from "../src/sync/fold";
import { memoryShelf } from "../src/sync/outbox";
import type { ServerFrame } from "../src/sync/wire";
import { Workspace, type WorkspaceEvents } from "../src/sync/workspace";
import { conversationOf, logOf } from "./logs";
import { FakeWire, welcomeTo } from "./wires";

const events = logOf(Array.from({ length: 6 }, () => ({ kind: "message" }) as const));

let wires: FakeWire[];
let head: number;
let api: { [name in keyof Api]?: ReturnType<typeof vi.fn> };
let workspace: Workspace;
let on: WorkspaceEvents;
/** What drafts the page has left behind. */
let left: Map<string, string>;
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
    state: vi.fn(async () => ({ state: [], seq: 0, cursor: null })),
    threads: vi.fn(async () => ({ threads: [], cursor: null })),
    someThreads: vi.fn(async () => ({ threads: [] })),
    receipts: vi.fn(async () => ({ seq: 1, members: 1, delivered: 0, read: 0, receipts: [] })),
  };
  const open = () => {
    wires.push(new FakeWire());
    return wire();
  };
  left = new Map();
  const names = ["changed", "listed", "named", "owned", "nearby", "threaded", "refused", "greeted", "phase"] as const;
  on = Object.fromEntries(names.map((name) => [name, vi.fn()])) as unknown as WorkspaceEvents;
  const pad: Pad = {
    set: (place, text) => void left.set(place, text),
    remove: (place) => void left.delete(place),
    all: () => [...left],
  };
  workspace = new Workspace(api as unknown as Api, open, on, { shelf: memoryShelf(), pad });
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

test("who writes is forgotten when they stop, and when they have said it", () => {
  workspace.nearby.watch({ users: [2], conversations: [1] });
  vi.advanceTimersByTime(200);
  expect(lastSent()).toEqual({ type: "watch", users: [2], conversations: [1] });
  wire().says({ type: "typing", conversation: 1, users: [2, 3] });
  says(3);
  expect(workspace.nearby.typing(1)).toEqual([3]);
  vi.advanceTimersByTime(7_000);
  expect(workspace.nearby.typing(1)).toEqual([]);
  wire().says({ type: "presence", users: [{ user: 2, status: "away" }] });
  expect(workspace.nearby.of(2)?.status).toBe("away");
  wire().onclose?.({ code: 1006 });
  expect(workspace.nearby.of(2)).toBeUndefined();
  vi.advanceTimersByTime(1_000);
  arrive();
  expect(lastSent()).toEqual({ type: "watch", users: [2], conversations: [1] });
});

test("a message to somebody is received by itself, and mine tells how far it got", async () => {
  arrive({ kind: "direct" });
  says(3);
  vi.advanceTimersByTime(600);
  expect(lastSent()).toEqual({ type: "delivered", conversation: 1, seq: 3 });
  const mine = workspace.outbox.post(1, "mine");
  wire().says({ type: "event", ...events[3]!, id: mine.id, user: 1 } as ServerFrame);
  expect(workspace.receipts.isNew(1, 4)).toBe(true);
  const receipt = { user: 2, delivered: 4, read: 3, at: "2026-01-01T00:00:01Z" };
  wire().says({ type: "receipt", conversation: 1, receipts: [receipt] });
  expect(workspace.receipts.of(1, 4)).toMatchObject([{ user: 2, delivered_at: receipt.at }]);
  wire().says({ type: "receipt", conversation: 1, receipts: [{ ...receipt, read: 4, at: "2026-01-01T00:00:09Z" }] });
  expect(workspace.receipts.of(1, 4)).toMatchObject([{ delivered_at: receipt.at, read_at: "2026-01-01T00:00:09Z" }]);
});

test("what was said for a time goes when that is over, while one looks", () => {
  const expires_at = new Date(Date.now() + 5_000).toISOString();
  wire().says({ type: "event", ...events[2]!, expires_at } as ServerFrame);
  expect(window()).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(5_100);
  expect(window()).toEqual([1, 2]);
});

test("a followed thread counts what others say in it, until it is read", async () => {
  const thread = { conversation: 1, root: 1, followed: true, replies: 1, read: 2, unread: 0, participants: [2] };
  api.someThreads?.mockResolvedValue({ threads: [thread] });
  workspace.threads.ask(1, 1);
  await vi.advanceTimersByTimeAsync(400);
  wire().says({ type: "event", ...events[2]!, thread: 1 } as ServerFrame);
  expect(workspace.threads.of(1, 1)).toMatchObject({ replies: 2, unread: 1 });
  expect(workspace.threads.unread()).toBe(1);
  workspace.threads.seen(1, 1, 3);
  expect(lastSent()).toMatchObject({ type: "seen", where: 1, root: 1, read: 3 });
  expect(workspace.threads.unread()).toBe(0);
  wire().says({ type: "event", ...events[3]!, thread: 1, user: 1 } as ServerFrame);
  expect(workspace.threads.of(1, 1)).toMatchObject({ replies: 3, unread: 0, read: 4 });
});

test("how somebody says that they are is shown as it is told, and stays where nothing is told of them", () => {
  const tell = (one: object) => wire().says({ type: "presence", users: [{ user: 2, ...one }] } as ServerFrame);
  workspace.people.add([{ id: 2, username: "bob", name: "Bob" }]);
  tell({ status: "online", says: { emoji: "🌴", text: "at the sea" } });
  expect(workspace.people.get(2)?.status).toEqual({ emoji: "🌴", text: "at the sea" });
  expect(on.named).toHaveBeenCalled();
  tell({});
  expect(workspace.people.get(2)?.status?.emoji).toBe("🌴");
  tell({ status: "away" });
  expect(workspace.people.get(2)).toEqual({ id: 2, username: "bob", name: "Bob", status: undefined });
});

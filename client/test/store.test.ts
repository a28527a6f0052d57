import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { fold } from "../src/sync/fold";
import { Store } from "../src/sync/store";
import type { LogEvent, Page } from "../src/sync/wire";
import { conversationOf, type Deed, logOf, messageOf } from "./logs";

const ME = { id: 1, username: "me", name: "Me" };

function storeWith(...conversations: Parameters<typeof conversationOf>[0][]) {
  const on = { changed: vi.fn(), listed: vi.fn(), behind: vi.fn(), unknown: vi.fn(), applied: vi.fn() };
  const store = new Store(on);
  store.me = ME;
  store.adoptAll(conversations.map((fields) => conversationOf(fields)));
  return { store, on };
}

function pageOf(events: LogEvent[], head: number): Page {
  return { messages: fold(events.filter((event) => event.seq <= head)), more: false, head };
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("message" as const) }) },
  fc.record({ kind: fc.constant("message" as const), thread: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant("edit" as const), target: fc.integer({ min: 1, max: 12 }), body: fc.string() }),
  fc.record({ kind: fc.constant("delete" as const), target: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    kind: fc.constant("react" as const),
    target: fc.integer({ min: 1, max: 12 }),
    emoji: fc.constantFrom("👍", "👀"),
    user: fc.integer({ min: 1, max: 3 }),
    on: fc.boolean(),
  }),
);

/** A reply answers something that stands above it. */
function answeringEarlier(one: Deed, index: number): Deed {
  return one.kind === "message" && (one.thread ?? 0) > index ? { ...one, thread: undefined } : one;
}

/** What may happen to one frame or page on its way. */
const step = fc.oneof(
  fc.record({ do: fc.constant("deliver" as const), pick: fc.nat() }),
  fc.record({ do: fc.constant("publish" as const) }),
  fc.record({ do: fc.constant("ask" as const), thread: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant("answer" as const) }),
);

test("frames lost, doubled and shuffled, and pages in between, end in the same store", () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 1, maxLength: 24 }), fc.array(step, { maxLength: 60 }), (deeds, steps) => {
      const events = logOf(deeds.map(answeringEarlier));
      const { store } = storeWith({ seq: 0 });
      const log = store.log(1);
      let head = 0;
      const asked: { page: Page; thread: number }[] = [];
      const ask = (thread: number) => {
        log.begin();
        const page = pageOf(events, head);
        const inThread = page.messages.filter((one) => one.seq === thread || one.thread === thread);
        asked.push({ page: thread === 0 ? page : { ...page, messages: inThread }, thread });
      };
      const answer = () => {
        const next = asked.shift();
        if (next?.thread === 0) log.put(next.page, "newest");
        else if (next) log.putThread(next.thread, next.page);
      };
      for (const one of steps) {
        if (one.do === "publish") head = Math.min(head + 1, events.length);
        else if (one.do === "ask") ask(one.thread);
        else if (one.do === "answer") answer();
        else if (head > 0) store.receive(events[one.pick % head]!);
      }
      ask(0);
      while (asked.length > 0) answer();
      store.receivePage({ type: "events", conversation: 1, from: 1, events });
      const shown = log.window.map((seq) => log.message(seq));
      expect(shown).toEqual(fold(events));
      expect(store.conversations.get(1)?.seq).toBe(events.length);
    }),
    { numRuns: 500 },
  );
});

test("events that a page holds already are not applied to it again", () => {
  const events = logOf([{ kind: "message" }, { kind: "message", thread: 1 }]);
  const { store } = storeWith({ seq: 1 });
  const log = store.log(1);
  log.begin();
  log.put(pageOf(events, 2), "newest");
  store.receive(events[1]!);
  expect(log.message(1)?.replies).toBe(1);
  expect(log.window).toEqual([1, 2]);
});

test("what was said while a page was on its way is appended to it", () => {
  const events = logOf([{ kind: "message" }, { kind: "message" }]);
  const { store } = storeWith({ seq: 1 });
  const log = store.log(1);
  log.begin();
  store.receive(events[1]!);
  log.put(pageOf(events, 1), "newest");
  expect(log.window).toEqual([1, 2]);
});

test("others' messages after my place are unread; mine, edits and joins are not", () => {
  const { store } = storeWith({ seq: 0 });
  for (const event of logOf([
    { kind: "message" },
    { kind: "message", user: ME.id },
    { kind: "edit", target: 1, body: "" },
    { kind: "join", member: 5 },
    { kind: "message", mentions: [ME.id] },
    { kind: "message", mentions: ["channel"] },
  ]))
    store.receive(event);
  expect(store.conversations.get(1)).toMatchObject({ seq: 6, unread: 3, mentions: 2 });
});

test("a user group's mention is mine where I am in it", () => {
  const { store } = storeWith({ seq: 0 });
  store.groups = new Set([7]);
  for (const event of logOf([
    { kind: "message", mentions: [{ group: 7 }] },
    { kind: "message", mentions: [{ group: 8 }, 99] },
  ]))
    store.receive(event);
  expect(store.conversations.get(1)).toMatchObject({ unread: 2, mentions: 1 });
});

test("what is deleted is not unread any more, nor a mention", () => {
  const deeds: Deed[] = [
    { kind: "message", mentions: [ME.id] },
    { kind: "message" },
    { kind: "message", user: ME.id },
    { kind: "delete", target: 1 },
    { kind: "delete", target: 3 },
  ];
  const { store } = storeWith({ seq: 0 });
  store.log(1).begin();
  store.log(1).put({ messages: [], more: false, head: 0 }, "newest");
  for (const event of logOf(deeds)) store.receive(event);
  expect(store.conversations.get(1)).toMatchObject({ unread: 1, mentions: 0 });
  store.read(1, 1);
  expect(store.conversations.get(1)).toMatchObject({ unread: 1, mentions: 0 });

  // of what is not held it is not known whether it wanted me: the server is asked
  const { store: bare, on } = storeWith({ seq: 3, unread: 2, mentions: 1 });
  bare.receive(logOf(deeds)[3]!);
  expect(bare.conversations.get(1)).toMatchObject({ unread: 1, mentions: 1 });
  expect(on.unknown).toHaveBeenCalledWith(1);
});

test("facts that came with a welcome are not counted again by the events before it", () => {
  const { store } = storeWith({ seq: 0 });
  store.log(1).begin();
  store.log(1).put({ messages: [], more: false, head: 0 }, "newest");
  store.adoptAll([conversationOf({ seq: 2, unread: 2 })]);
  expect(store.fallenBehind()).toEqual([[1, 0]]);
  const events = logOf([{ kind: "message" }, { kind: "message" }]);
  store.receivePage({ type: "events", conversation: 1, from: 1, events });
  expect(store.conversations.get(1)).toMatchObject({ seq: 2, unread: 2 });
  expect(store.log(1).window).toEqual([1, 2]);
});

test("reading to the end leaves nothing unread, reading to the middle what is left", () => {
  const { store } = storeWith({ seq: 0 });
  store.log(1).begin();
  store.log(1).put({ messages: [], more: false, head: 0 }, "newest");
  for (const event of logOf([{ kind: "message" }, { kind: "message" }, { kind: "message", mentions: [ME.id] }]))
    store.receive(event);
  expect(store.read(1, 1)).toBe(true);
  expect(store.conversations.get(1)).toMatchObject({ read: 1, unread: 2, mentions: 1 });
  expect(store.read(1, 1)).toBe(false);
  store.read(1, 3);
  expect(store.conversations.get(1)).toMatchObject({ read: 3, unread: 0, mentions: 0 });
});

test("a gap is asked for, once per event that shows it", () => {
  const { store, on } = storeWith({ seq: 0 });
  const events = logOf([{ kind: "message" }, { kind: "message" }]);
  store.receive(events[1]!);
  expect(on.behind).toHaveBeenCalledWith(1, 0);
  expect(store.incomplete()).toEqual([[1, 0]]);
});

test("an event of an unknown conversation asks what it is", () => {
  const { store, on } = storeWith();
  store.receive(logOf([{ kind: "message" }], 8)[0]!);
  expect(on.unknown).toHaveBeenCalledWith(8);
});

test("only what is held is named in a hello", () => {
  const { store } = storeWith({ id: 1, seq: 5 }, { id: 2, seq: 9 });
  store.log(2).begin();
  expect(store.held()).toEqual({ 2: 9 });
});

test("a window stays bounded, and is cut where nobody reads", () => {
  const { store } = storeWith({ seq: 0 });
  const log = store.log(1);
  log.begin();
  const messages = Array.from({ length: 100 }, (_, index) => messageOf({ seq: 5000 + index, id: `${index}` }));
  log.put({ messages, more: true, head: 5100 }, "newest");
  for (let first = 4900; first >= 3000; first -= 100) {
    log.begin();
    const older = Array.from({ length: 100 }, (_, index) => messageOf({ seq: first + index, id: `${first + index}` }));
    log.put({ messages: older, more: true, head: 5100 }, "older");
  }
  expect(log.window.length).toBe(1200);
  expect(log.window[0]).toBe(3000);
  expect(log.newer).toBe(true);
  expect(log.message(5050)).toBeUndefined();
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryShelf, Outbox } from "../src/sync/outbox";
import type { ClientFrame } from "../src/sync/wire";

let sent: Extract<ClientFrame, { type: "send" }>[];
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  outbox = new Outbox(memoryShelf(), (frame) => sent.push(frame as never), vi.fn());
});
afterEach(() => vi.useRealTimers());

const ack = (id: string) => outbox.acked({ type: "ack", id, conversation: 1, seq: 1, at: "" });
const refuse = (id: string, code: "forbidden" | "unavailable", retry_after?: number) =>
  outbox.refused({ type: "error", id, code, detail: "No.", retry_after });
const bodies = () => sent.map((frame) => frame.body);
const states = (conversation = 1) => outbox.pending(conversation).map((item) => item.state);

test("one message of a conversation is on its way at a time, in the order written", () => {
  outbox.connected();
  const first = outbox.post(1, "one");
  outbox.post(1, "two");
  outbox.post(2, "elsewhere");
  expect(bodies()).toEqual(["one", "elsewhere"]);
  ack(first.id);
  expect(bodies()).toEqual(["one", "elsewhere", "two"]);
  expect(states()).toEqual(["sent", "sending"]);
});

test("what is written offline goes out on return, and what was unanswered goes again with its id", () => {
  const item = outbox.post(1, "one");
  expect(sent).toEqual([]);
  outbox.connected();
  outbox.disconnected();
  expect(states()).toEqual(["waiting"]);
  outbox.connected();
  expect(sent.map((frame) => frame.id)).toEqual([item.id, item.id]);
});

test("a message goes when its event comes, before the ack or after", () => {
  outbox.connected();
  const first = outbox.post(1, "one");
  outbox.arrived(first.id);
  expect(states()).toEqual([]);
  ack(first.id);
  const second = outbox.post(1, "two");
  ack(second.id);
  expect(states()).toEqual(["sent"]);
  outbox.arrived(second.id);
  expect(states()).toEqual([]);
});

test("a refusal stays with its reason and holds up nobody; it can be tried again or given up", () => {
  outbox.connected();
  const first = outbox.post(1, "one");
  outbox.post(1, "two");
  refuse(first.id, "forbidden");
  expect(states()).toEqual(["failed", "sending"]);
  expect(outbox.pending(1)[0]?.reason).toBe("No.");
  outbox.retry(first.id);
  expect(states()).toEqual(["waiting", "sending"]);
  ack(sent.at(-1)!.id);
  expect(sent.at(-1)?.id).toBe(first.id);
  refuse(first.id, "forbidden");
  outbox.discard(first.id);
  expect(states()).toEqual(["sent"]);
});

test("not now means later, and keeps the order", () => {
  outbox.connected();
  const first = outbox.post(1, "one");
  outbox.post(1, "two");
  refuse(first.id, "unavailable", 2);
  vi.advanceTimersByTime(1900);
  expect(bodies()).toEqual(["one"]);
  vi.advanceTimersByTime(200);
  expect(bodies()).toEqual(["one", "one"]);
  ack(first.id);
  expect(bodies()).toEqual(["one", "one", "two"]);
});

test("a lost ack is asked for again with the same id", () => {
  outbox.connected();
  const item = outbox.post(1, "one");
  vi.advanceTimersByTime(10_100);
  expect(sent.map((frame) => frame.id)).toEqual([item.id, item.id]);
});

import { expect, test } from "vitest";
import { Cursor } from "../src/sync/cursor";
import { logOf } from "./logs";

const log = logOf(Array.from({ length: 9 }, () => ({ kind: "message" }) as const));
const [one, two, three, four] = log;
const seqs = (events: { seq: number }[]) => events.map((event) => event.seq);

test("events go through once and in order", () => {
  const cursor = new Cursor(0);
  expect(seqs(cursor.take(one!))).toEqual([1]);
  expect(seqs(cursor.take(one!))).toEqual([]);
  expect(seqs(cursor.take(three!))).toEqual([]);
  expect(cursor.behind).toBe(true);
  expect(seqs(cursor.take(two!))).toEqual([2, 3]);
  expect(cursor.behind).toBe(false);
});

test("a page fills a gap and releases what waited behind it", () => {
  const cursor = new Cursor(1);
  cursor.take(four!);
  expect(seqs(cursor.takePage(1, [two!, three!]))).toEqual([2, 3, 4]);
});

test("a page may step over a span of absence, a live event may not", () => {
  const cursor = new Cursor(2);
  expect(seqs(cursor.takePage(1, log.slice(4, 6)))).toEqual([]);
  expect(seqs(cursor.takePage(5, log.slice(4, 6)))).toEqual([5, 6]);
  expect(cursor.seq).toBe(6);
});

test("moving on forgets what came early and lies before", () => {
  const cursor = new Cursor(0);
  cursor.take(three!);
  cursor.moveTo(3);
  expect(cursor.behind).toBe(false);
  expect(seqs(cursor.take(four!))).toEqual([4]);
});

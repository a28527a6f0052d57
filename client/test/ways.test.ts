import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Wire } from "../src/sync/socket";
import { Ways } from "../src/sync/ways";
import { FakeWire, welcomeTo } from "./wires";

let opened: [string, FakeWire][];
let reopened: number;
let isReached: boolean;
let ways: Ways;

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  reopened = 0;
  const way = (name: string) => (): Wire => {
    const wire = new FakeWire();
    opened.push([name, wire]);
    return wire;
  };
  isReached = true;
  ways = new Ways(
    [way("socket"), way("stream"), way("poll")],
    () => {
      reopened += 1;
    },
    async () => isReached,
  );
});
afterEach(() => vi.useRealTimers());

const names = () => opened.map(([name]) => name);
const last = () => opened.at(-1)![1];

async function refused(times = 1, code = 1006): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    ways.open();
    last().onclose?.({ code });
    await vi.advanceTimersByTimeAsync(1);
  }
}

test("leaves a way after two failures without a word", async () => {
  await refused(7);
  expect(names()).toEqual(["socket", "socket", "stream", "stream", "poll", "poll", "socket"]);
});

test("stays where it is while the server does not answer at all", async () => {
  isReached = false;
  await refused(6);
  isReached = true;
  await refused(1);
  ways.open();
  expect(names()).toEqual([...Array(7).fill("socket"), "stream"]);
});

test("a handshake that hangs is a failure too", async () => {
  ways.open().close();
  ways.open().close();
  await vi.advanceTimersByTimeAsync(1);
  ways.open();
  expect(names()).toEqual(["socket", "socket", "stream"]);
});

test("keeps a way by which the server spoke, whatever came of it", async () => {
  for (let i = 0; i < 5; i += 1) {
    ways.open();
    last().says(welcomeTo());
    last().onclose?.({ code: 1006 });
  }
  await refused(5, 4401);
  await refused(5, 1013);
  expect(new Set(names())).toEqual(new Set(["socket"]));
});

test("looks for the socket each minute, and goes back when it speaks", async () => {
  await refused(2);
  ways.open();
  last().says(welcomeTo());
  vi.advanceTimersByTime(60_000);
  expect(names().at(-1)).toBe("socket");
  last().onclose?.({ code: 1006 });
  expect(reopened).toBe(0);
  vi.advanceTimersByTime(60_000);
  const probe = last();
  probe.onopen?.();
  expect(probe.sent).toEqual([{ type: "ping" }]);
  expect(reopened).toBe(0);
  probe.says({ type: "pong" });
  expect([reopened, probe.closed]).toEqual([1, true]);
  ways.open();
  expect(names().at(-1)).toBe("socket");
  vi.advanceTimersByTime(600_000);
  expect(opened).toHaveLength(6);
});

test("a socket that opens and says nothing is none", async () => {
  await refused(2);
  ways.open();
  last().says(welcomeTo());
  ways.again();
  const probe = last();
  probe.onopen?.();
  vi.advanceTimersByTime(10_000);
  expect([reopened, probe.closed]).toEqual([0, true]);
  ways.open();
  expect(names().at(-1)).toBe("stream");
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Phase, Socket } from "../src/sync/socket";
import { FakeWire, welcomeTo } from "./wires";

let wires: FakeWire[];
let phases: Phase[];
let random: number;
let socket: Socket;
const wire = () => wires.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  phases = [];
  random = 1;
  const open = () => {
    wires.push(new FakeWire());
    return wire();
  };
  const events = { cursors: () => ({ 7: 3 }), frame: vi.fn(), phase: (phase: Phase) => phases.push(phase) };
  socket = new Socket(open, events, () => random);
});
afterEach(() => vi.useRealTimers());

function live(): void {
  wire().onopen?.();
  wire().says(welcomeTo());
}

test("says hello with its cursors and is live with the welcome", () => {
  socket.connect();
  expect(socket.send({ type: "ping" })).toBe(false);
  wire().onopen?.();
  expect(wire().sent).toEqual([{ type: "hello", cursors: { 7: 3 } }]);
  wire().says(welcomeTo());
  expect(phases).toEqual(["connecting", "live"]);
  expect(socket.send({ type: "read", conversation: 7, seq: 3 })).toBe(true);
});

test("pings while it lives, and takes silence for a cut line", () => {
  socket.connect();
  live();
  vi.advanceTimersByTime(50_000);
  expect(wire().sent.filter((frame) => frame.type === "ping")).toHaveLength(2);
  const first = wire();
  vi.advanceTimersByTime(10_000);
  expect(first.closed).toBe(true);
  expect(socket.phase).toBe("waiting");
});

test("frames prove that the line is up", () => {
  socket.connect();
  live();
  for (let i = 0; i < 5; i += 1) {
    vi.advanceTimersByTime(40_000);
    wire().says({ type: "pong" });
  }
  expect(socket.phase).toBe("live");
});

test("pauses longer after each failure, up to half a minute, with full jitter", () => {
  socket.connect();
  const pauses: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    wire().onclose?.({ code: 1006 });
    const opened = wires.length;
    let waited = 0;
    while (wires.length === opened) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    pauses.push(waited);
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  random = 0.1;
  wire().onclose?.({ code: 1006 });
  vi.advanceTimersByTime(3000);
  expect(wires).toHaveLength(11);
});

test("starts with a short pause again after a connection that lasted", () => {
  socket.connect();
  for (let i = 0; i < 5; i += 1) {
    wire().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(30_000);
  }
  live();
  vi.advanceTimersByTime(11_000);
  wire().onclose?.({ code: 1012 });
  const opened = wires.length;
  vi.advanceTimersByTime(500);
  expect(wires).toHaveLength(opened + 1);
});

test("does not hammer a server that welcomes and closes", () => {
  socket.connect();
  for (let i = 0; i < 4; i += 1) {
    live();
    wire().onclose?.({ code: 1013 });
    vi.advanceTimersByTime(30_000);
  }
  live();
  wire().onclose?.({ code: 1013 });
  const opened = wires.length;
  vi.advanceTimersByTime(4000);
  expect(wires).toHaveLength(opened);
});

test("gives up a handshake that hangs", () => {
  socket.connect();
  wire().onopen?.();
  vi.advanceTimersByTime(15_000);
  expect(socket.phase).toBe("waiting");
});

test("connects at once when told that it will work", () => {
  socket.connect();
  wire().onclose?.({ code: 1006 });
  socket.connect();
  expect(wires).toHaveLength(2);
  vi.advanceTimersByTime(600);
  expect(wires).toHaveLength(2);
});

test("ends when signed out", () => {
  socket.connect();
  live();
  wire().onclose?.({ code: 4401 });
  expect(socket.phase).toBe("ended");
  vi.advanceTimersByTime(60_000);
  expect(wires).toHaveLength(1);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PollWire } from "../src/sync/poll";
import type { Wire } from "../src/sync/socket";
import { StreamWire } from "../src/sync/stream";

const door = { root: "/api/v1/", csrf: () => "token" };
let asked: [string, RequestInit | undefined][];
let answers: ((url: string) => Response | Promise<Response>)[];
let frames: { type: string }[];
let code: number | undefined;

beforeEach(() => {
  asked = [];
  answers = [];
  frames = [];
  code = undefined;
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    asked.push([url, init]);
    const answer = answers.shift();
    return answer ? Promise.resolve(answer(url)) : new Promise(() => undefined);
  });
});
afterEach(() => vi.unstubAllGlobals());

function opened(wire: Wire): Wire {
  wire.onmessage = ({ data }) => frames.push(JSON.parse(String(data)));
  wire.onclose = (close) => {
    code = close.code;
  };
  return wire;
}

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
const hello = (cursors = {}) => JSON.stringify({ type: "hello", cursors });

test("a stream gives frames however its bytes are parted, and tells how it ended", async () => {
  const text = 'retry: 2000\n\n: here\n\ndata: {"type":"welcome"}\n\nid: 7:4\ndata: {"type":"event","body":"ü"}\n\n';
  const bytes = new TextEncoder().encode(`${text}event: close\ndata: {"code":1012,"reason":"x"}\n\n`);
  answers.push(
    () =>
      new Response(
        new ReadableStream({
          start: (sink) => {
            for (const byte of bytes) sink.enqueue(new Uint8Array([byte]));
            sink.close();
          },
        }),
      ),
  );
  opened(new StreamWire(door)).send(hello({ 7: 3, 9: 1 }));
  await vi.waitFor(() => expect(code).toBe(1012));
  expect(asked[0]?.[0]).toMatch(/^\/api\/v1\/events\/stream\?cursors=7%3A3%2C9%3A1&device=[0-9a-f-]{36}$/);
  expect(frames).toEqual([{ type: "pong" }, { type: "welcome" }, { type: "event", body: "ü" }]);
});

test("commands go one request after the other, with the page's token; pings don't", async () => {
  let release: (response: Response) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (release = resolve)));
  answers.push(() => json({ frames: [{ type: "ack", id: "2" }] }));
  const wire = opened(new StreamWire(door));
  for (const id of ["1", "2", "3"]) wire.send(JSON.stringify({ type: "send", id }));
  wire.send(JSON.stringify({ type: "ping" }));
  expect(asked).toHaveLength(1);
  release(json({ frames: [{ type: "ack", id: "1" }] }));
  await vi.waitFor(() => expect(frames).toHaveLength(2));
  expect(asked.map(([, init]) => JSON.parse(String(init?.body)).frames.length)).toEqual([1, 2]);
  expect(asked[0]?.[1]?.headers).toMatchObject({ "X-CSRFToken": "token" });
});

test("a poll goes on from where the last one ended", async () => {
  answers.push(() => json({ frames: [{ type: "welcome" }], cursors: "7:3,9:1" }));
  answers.push(() => json({ frames: [], cursors: "7:6,9:1" }));
  opened(new PollWire(door)).send(hello({ 7: 3 }));
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  const [urls, devices] = [0, 1].map((part) => asked.map(([url]) => decodeURIComponent(url).split("&device=")[part]));
  expect(devices?.[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(devices).size).toBe(1);
  expect(urls?.[0]).toBe("/api/v1/events/poll?cursors=7:3&welcome=1&wait=0");
  expect(urls?.[1]).toBe("/api/v1/events/poll?cursors=7:3,9:1");
  expect(urls?.[2]).toBe("/api/v1/events/poll?cursors=7:6,9:1");
  expect(frames).toEqual([{ type: "welcome" }, { type: "pong" }]);
});

test("what is on the screen names the device that listens, and is said again", async () => {
  vi.useFakeTimers();
  try {
    const lost = { type: "error", code: "unavailable", detail: "", retry_after: 3 };
    answers.push(() => new Promise(() => undefined));
    answers.push(() => json({ frames: [lost] }));
    answers.push(() => json({ frames: [] }));
    const wire = opened(new StreamWire(door));
    wire.send(hello());
    wire.send(JSON.stringify({ type: "watch", users: [2], conversations: [7] }));
    await vi.advanceTimersByTimeAsync(2_900);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toHaveLength(3);
    const device = new URLSearchParams(asked[0]?.[0].split("?")[1]).get("device");
    for (const [, init] of asked.slice(1)) {
      const frames = [{ type: "watch", users: [2], conversations: [7] }];
      expect(JSON.parse(String(init?.body))).toEqual({ frames, device });
    }
    await vi.advanceTimersByTimeAsync(59_000);
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(4);
    wire.close();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  [401, 4401],
  [503, 1006],
])("an answer of %i closes with %i", async (status, expected) => {
  answers.push(() => json({}, status));
  opened(new PollWire(door)).send(hello());
  await vi.waitFor(() => expect(code).toBe(expected));
});

test("nothing is told once it is closed", async () => {
  answers.push(() => json({ frames: [{ type: "welcome" }], cursors: "" }));
  const wire = opened(new PollWire(door));
  wire.send(hello());
  wire.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([frames, code]).toEqual([[], undefined]);
});

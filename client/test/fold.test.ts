import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fold } from "../src/sync/fold";
import { atOf, logOf } from "./logs";

const vectors = join(import.meta.dirname, "../../tests/vectors/fold");

describe.skipIf(!existsSync(vectors))("what the server's fold makes of a log, this one makes too", () => {
  for (const file of existsSync(vectors) ? readdirSync(vectors).filter((name) => name.endsWith(".json")) : []) {
    test(file, () => {
      const { events, messages } = JSON.parse(readFileSync(join(vectors, file), "utf8"));
      expect(fold(events)).toEqual(messages);
    });
  }
});

test("an edit gives a message other words and says when", () => {
  const [message] = fold(logOf([{ kind: "message" }, { kind: "edit", target: 1, body: "better" }]));
  expect(message).toMatchObject({ body: "better", edited_at: atOf(2) });
});

test("a deletion leaves the place and takes everything else, and is final", () => {
  const [message] = fold(
    logOf([
      { kind: "message", mentions: [3] },
      { kind: "react", target: 1, emoji: "👍", on: true },
      { kind: "edit", target: 1, body: "better" },
      { kind: "delete", target: 1, user: 9 },
      { kind: "edit", target: 1, body: "undead" },
      { kind: "react", target: 1, emoji: "👍", on: true },
    ]),
  );
  expect(message).toEqual({ ...logOf([{ kind: "message" }])[0], body: "", deleted_at: atOf(4), deleted_by: 9 });
});

test("reactions keep the order of reacting, count a person once, and go with the last person", () => {
  const on = { kind: "react", target: 1, emoji: "👍", on: true } as const;
  const log = logOf([{ kind: "message" }, { ...on, user: 5 }, { ...on, user: 4 }, { ...on, user: 5 }]);
  expect(fold(log)[0]?.reactions).toEqual([{ emoji: "👍", users: [5, 4] }]);
  const back = logOf([{ kind: "message" }, { ...on, user: 5 }, { ...on, user: 5, on: false }]);
  expect(fold(back)[0]).not.toHaveProperty("reactions");
});

test("a root counts its replies, without those that were deleted", () => {
  const log = logOf([
    { kind: "message" },
    { kind: "message", thread: 1 },
    { kind: "message", thread: 1 },
    { kind: "delete", target: 2 },
    { kind: "delete", target: 2 },
  ]);
  expect(fold(log)[0]).toMatchObject({ replies: 1, last_reply_at: atOf(3) });
});

test("what is not known changes nothing", () => {
  const log = logOf([{ kind: "edit", target: 7, body: "?" }, { kind: "message" }]);
  expect(fold([...log, { ...log[1], kind: "poll", seq: 3 } as never])).toHaveLength(1);
});

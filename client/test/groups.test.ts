import { expect, test, vi } from "vitest";
import { Refusal } from "../src/sync/api";
import { Groups } from "../src/sync/groups";
import type { UserGroup } from "../src/sync/wire";

const ALL = ["harbour", "oncall", "onboarding"].map((handle, at) => groupOf(at + 1, handle));

function groupOf(id: number, handle: string): UserGroup {
  return { id, handle, name: handle.toUpperCase(), description: "", members: 2, is_member: false };
}

function groupsOf(answer: (q: string) => Promise<{ groups: UserGroup[]; cursor: string | null }>) {
  const groupsStarting = vi.fn(answer);
  const groupsById = vi.fn(async () => ({ groups: [] }));
  return { groups: new Groups({ groupsStarting, groupsById }, vi.fn()), groupsStarting };
}

test("a handle that begins so comes before a name that does", async () => {
  const groups = [groupOf(1, "alpha"), groupOf(2, "oncall")].map((group) => ({ ...group, name: "On duty" }));
  const asked = groupsOf(async () => ({ groups, cursor: null }));
  await asked.groups.look("");
  expect(asked.groups.starting("on").map(({ handle }) => handle)).toEqual(["oncall", "alpha"]);
});

const found = (q: string) => ALL.filter(({ handle }) => handle.startsWith(q));

test("all groups are asked for once, and those that begin so are found without asking", async () => {
  const { groups, groupsStarting } = groupsOf(async (q) => ({ groups: found(q), cursor: null }));
  await Promise.all([groups.look(""), groups.look("o"), groups.look("ON")]);
  expect(groupsStarting).toHaveBeenCalledTimes(1);
  expect(groups.starting("On").map(({ handle }) => handle)).toEqual(["onboarding", "oncall"]);
  expect(groups.byHandle("OnCall")?.id).toBe(2);
});

test("where there are more than a page, each further letter asks, and nothing twice", async () => {
  const { groups, groupsStarting } = groupsOf(async (q) => ({ groups: found(q).slice(0, 1), cursor: "on" }));
  for (const typed of ["", "o", "on", "o"]) await groups.look(typed);
  expect(groupsStarting.mock.calls).toEqual([[""], ["o"], ["on"]]);
});

test("a group that was closed is no longer found", async () => {
  vi.useFakeTimers();
  let open = ALL;
  const { groups } = groupsOf(async () => ({ groups: open, cursor: null }));
  await groups.look("");
  open = ALL.slice(0, 1);
  vi.advanceTimersByTime(61_000);
  await groups.look("");
  expect(groups.byHandle("oncall")).toBeUndefined();
  expect(groups.handle(2)).toBe("oncall");
  vi.useRealTimers();
});

test("a guest is refused once; a broken line, or a server that can't answer now, is tried again", async () => {
  for (const [error, times] of [
    [new Refusal(403, "forbidden", "No directory."), 1],
    [new Refusal(503, "unavailable", "Try again in a moment."), 2],
    [new TypeError("no line"), 2],
  ] as const) {
    const { groups, groupsStarting } = groupsOf(() => Promise.reject(error));
    for (const typed of ["o", "on"]) await groups.look(typed);
    expect(groupsStarting).toHaveBeenCalledTimes(times);
  }
});

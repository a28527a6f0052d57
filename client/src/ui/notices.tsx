import type { Notice } from "../sync/log";
import { namesOf } from "./person";
import { spanOf } from "./span";
import { nameOf } from "./state";
import { dueOf, timeOf } from "./time";

/** Names beyond this many are counted. */
const NAMED = 3;

/** Draw a run of things that happened between messages as one quiet line. */
export function Notices({ notices }: { notices: Notice[] }) {
  return (
    <div class="notices">
      <time class="margin at">{timeOf(notices.at(-1)!.at)}</time>
      <p>{sentences(notices).join(" ")}</p>
    </div>
  );
}

function sentences(notices: Notice[]): string[] {
  const said: string[] = [];
  for (const kind of ["join", "leave"] as const) {
    const members = [...new Set(notices.flatMap((notice) => (notice.kind === kind ? [notice.member] : [])))];
    if (members.length === 0) continue;
    const who = members.length > NAMED ? `${members.length} people` : namesOf(members);
    said.push(`${who} ${kind === "join" ? "joined" : "left"}.`);
  }
  for (const notice of notices) {
    const sentence = sentenceFor(notice);
    if (sentence) said.push(sentence);
    if (notice.kind === "rename") said.push(`${nameOf(notice.user)} renamed this to ${notice.name}.`);
    if (notice.kind === "topic") said.push(`${nameOf(notice.user)} set the topic: “${notice.topic}”.`);
    if (notice.kind === "purpose") said.push(`${nameOf(notice.user)} set the purpose: “${notice.purpose}”.`);
    if (notice.kind === "archive")
      said.push(`${nameOf(notice.user)} ${notice.on ? "archived this" : "opened this again"}.`);
  }
  return said;
}

function sentenceFor(notice: Notice): string | undefined {
  const who = nameOf(notice.user);
  switch (notice.kind) {
    case "role":
      return `${who} made ${nameOf(notice.member)} ${notice.role === "owner" ? "an owner" : `a ${notice.role}`}.`;
    case "private":
      return `${who} made this private.`;
    case "mute":
      return notice.until
        ? `${who} muted ${nameOf(notice.member)} until ${dueOf(notice.until)}.`
        : `${who} let ${nameOf(notice.member)} write again.`;
    case "rules":
      return `${who} ${rulesSaid(notice).join(", ")}.`;
    default:
      return undefined;
  }
}

function rulesSaid({ read_only, slow_s, disappears_s, history, edits_s }: Notice & { kind: "rules" }): string[] {
  const said: string[] = [];
  if (read_only !== undefined) said.push(read_only ? "let only owners and moderators write" : "let everybody write");
  if (slow_s !== undefined) said.push(slow_s > 0 ? `set slow mode to ${spanOf(slow_s)}` : "turned slow mode off");
  if (disappears_s !== undefined)
    said.push(disappears_s > 0 ? `let messages disappear after ${spanOf(disappears_s)}` : "let messages stay");
  if (history !== undefined) said.push("changed what those who join can read");
  if (edits_s !== undefined) said.push("changed the time to edit and delete");
  return said;
}

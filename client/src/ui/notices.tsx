import type { Notice } from "../sync/log";
import { namesOf } from "./person";
import { nameOf } from "./state";
import { timeOf } from "./time";

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
    if (notice.kind === "rename") said.push(`${nameOf(notice.user)} renamed this to ${notice.name}.`);
    if (notice.kind === "topic") said.push(`${nameOf(notice.user)} set the topic: ${notice.topic}`);
    if (notice.kind === "purpose") said.push(`${nameOf(notice.user)} set the purpose: ${notice.purpose}`);
    if (notice.kind === "archive")
      said.push(`${nameOf(notice.user)} ${notice.on ? "archived this" : "opened this again"}.`);
  }
  return said;
}

import { useEffect } from "preact/hooks";
import type { Whereabout } from "../sync/wire";
import { namesOf } from "./person";
import { conversationShown, route } from "./route";
import { listed, me, named, nearby, ready, turns, workspace } from "./state";
import { whenOf } from "./time";

const NAMES = { online: "online", away: "away", offline: "offline" } as const;
/** Of a long list of members the first are watched: more than a screen shows. */
const MOST_MEMBERS = 100;

/** Say where a person is, as a dot of three shapes; nothing where that is not known. */
export function Dot({ user }: { user: number }) {
  nearby.value;
  const status = workspace.nearby.of(user)?.status;
  if (!status) return null;
  return (
    <i class={`dot ${status}`} title={NAMES[status]}>
      <span class="unseen">{NAMES[status]}</span>
    </i>
  );
}

/** Say in words where a person is, and how. */
export function Where({ user }: { user: number }) {
  nearby.value;
  const whereabout = workspace.nearby.of(user);
  const status = whereabout?.status;
  // Who comes or goes may have said something of it.
  useEffect(() => workspace.people.refresh([user]), [user, status]);
  return (
    <>
      {status && (
        <span class="where-now">
          <Dot user={user} /> {wordsFor(whereabout)}
        </span>
      )}
      <Condition user={user} />
    </>
  );
}

/** Give how a person says that they are, in their own words. */
export function conditionOf(user: number): string {
  const { status } = workspace.people.get(user) ?? {};
  const isOver = status?.until !== undefined && Date.parse(status.until) <= Date.now();
  return status && !isOver ? [status.emoji, status.text].filter(Boolean).join(" ") : "";
}

/** Say how a person is; nothing where there is nothing to say. */
export function Condition({ user }: { user: number }) {
  named.value;
  const words = conditionOf(user);
  return words === "" ? null : <span class="condition">{words}</span>;
}

function wordsFor({ status, last_seen }: Whereabout): string {
  if (status === "online") return "Here now";
  if (!last_seen) return status === "away" ? "Away" : "Not here";
  return status === "away" ? `Away since ${whenOf(last_seen)}` : `Last here ${whenOf(last_seen)}`;
}

/** Say who is writing; the line is there in any case, so that nothing moves. */
export function Typing({ conversation }: { conversation: number }) {
  nearby.value;
  named.value;
  const users = workspace.nearby.typing(conversation).filter((user) => user !== me()?.id);
  const words = users.length === 0 ? "" : `${namesOf(users, 3)} ${users.length === 1 ? "is" : "are"} writing…`;
  return <p class="typing">{words}</p>;
}

/** Ask for news of whom and what is on the screen. */
export function useWatch(): void {
  listed.value;
  const here = conversationShown.value;
  const panel = route.value.panel;
  if (here !== undefined) turns(here).value;
  const partners = [...workspace.store.conversations.values()].flatMap(({ kind, users = [] }) =>
    kind === "direct" && users.length === 1 ? users.map((person) => person.id) : [],
  );
  const members = panel === "members" && here !== undefined ? (workspace.members.of(here)?.members ?? []) : [];
  const users = [...members.slice(0, MOST_MEMBERS).map(({ user }) => user.id), ...partners];
  const isKnown = here !== undefined && workspace.store.conversations.has(here);
  const key = JSON.stringify([users, here, isKnown]);
  useEffect(() => {
    if (ready.value) workspace.nearby.watch({ users, conversations: isKnown ? [here] : [] });
  }, [key, ready.value]);
}

import { me, named, nameOf, workspace } from "./state";

/** Draw a person's initials on a tone of their own, the same everywhere. */
export function Face({ user, small = false }: { user: number; small?: boolean }) {
  return (
    <span class={`face tone-${user % 12}${small ? " small" : ""}`} aria-hidden="true">
      {initials(nameOf(user))}
    </span>
  );
}

/** Draw a mention of a person or a user group in a text. */
export function Mention(who: { user: number } | { group: number }) {
  named.value;
  const isMine = "user" in who ? who.user === me()?.id : workspace.store.groups.has(who.group);
  const name = "user" in who ? workspace.people.get(who.user)?.username : workspace.groups.handle(who.group);
  return <span class={isMine ? "mention mine" : "mention"}>@{name ?? "…"}</span>;
}

/** Say the names of some people, and how many more there are. */
export function namesOf(users: number[], most = 8): string {
  const names = users.slice(0, most).map((user) => nameOf(user));
  if (users.length > most) return `${names.join(", ")} and ${users.length - most} more`;
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const [first, second] = words;
  if (first === undefined) return "?";
  const letters = second === undefined ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join("").toLowerCase();
}

import { useState } from "preact/hooks";
import type { Conversation, Member } from "../sync/wire";
import { createDirect } from "./creating";
import { ask } from "./dialogs";
import { Icon } from "./icon";
import { type Choice, Menu } from "./menu";
import { workspace } from "./state";
import { say } from "./toast";

const ROLES: [Member["role"], string][] = [
  ["owner", "Owner"],
  ["moderator", "Moderator"],
  ["member", "Member"],
];
const MUTES: [number, string][] = [
  [600, "Mute for ten minutes"],
  [3600, "Mute for an hour"],
  [86_400, "Mute for a day"],
];

interface Props {
  conversation: Conversation;
  member: Member;
}

/** Offer what can be done about a member: write to them, and for those who moderate, the rest. */
export function MemberMenu({ conversation, member }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement>();
  const name = member.user.name || member.user.username;
  return (
    <>
      <button
        type="button"
        class="tool"
        aria-label={`What to do about ${name}`}
        title="More"
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon of="more" />
      </button>
      {anchor && (
        <Menu
          anchor={anchor}
          label={name}
          choices={choicesFor(conversation, member, name)}
          close={() => setAnchor(undefined)}
        />
      )}
    </>
  );
}

function choicesFor({ id, role: mine, kind }: Conversation, { user, role }: Member, name: string): Choice[][] {
  const write: Choice[] = user.is_bot
    ? []
    : [{ label: "Message", icon: "write", act: () => told(createDirect([user.id])) }];
  const moderates = mine !== "member" && kind !== "direct";
  // Owners are owners' matter, and moderators moderate no moderators.
  const below = mine === "owner" ? role !== "owner" : role === "member";
  if (!moderates) return [write];
  const roles = ROLES.filter(([one]) => mine === "owner" || (one !== "owner" && role !== "owner"));
  return [
    write,
    roles.map(([one, label]) => ({
      label,
      isOn: role === one,
      act: () => {
        if (role !== one) told(workspace.api.setRole(id, user.id, one), `${name} is now ${label.toLowerCase()}`);
      },
    })),
    below
      ? MUTES.map(([seconds, label]) => ({
          label,
          icon: "quiet" as const,
          act: () => told(workspace.api.mute(id, user.id, seconds), `${name} is muted`),
        }))
      : [],
    below || (mine === "owner" && role === "owner")
      ? [
          {
            label: "Remove…",
            icon: "leave",
            isGrave: true,
            act: () =>
              ask("sure", {
                title: `Remove ${name}?`,
                words: "They leave this conversation, and can be added again.",
                verb: "Remove",
                isGrave: true,
                act: () => workspace.api.removeMember(id, user.id),
              }),
          },
          ...(below
            ? [
                {
                  label: "Ban…",
                  icon: "close" as const,
                  isGrave: true,
                  act: () =>
                    ask("sure", {
                      title: `Ban ${name}?`,
                      words: "They leave this conversation, and can’t come back until the ban is lifted.",
                      verb: "Ban",
                      isGrave: true,
                      act: () => workspace.api.ban(id, user.id, true),
                    }),
                },
              ]
            : []),
        ]
      : [],
  ];
}

function told(deed: Promise<unknown>, words?: string): void {
  deed.then(
    () => {
      if (words) say(words, false);
    },
    (error: Error) => say(error.message),
  );
}

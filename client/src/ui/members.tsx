import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { BesideHead } from "./beside";
import { ask } from "./dialogs";
import { useFocusBack } from "./focus";
import { Icon } from "./icon";
import { Loading, Trouble } from "./loading";
import { MemberMenu } from "./member-menu";
import { Face } from "./person";
import { Condition, Dot } from "./presence";
import { me, turns, workspace } from "./state";

/** List who is in a conversation, a page at a time. */
export function Members({ conversation }: { conversation: Conversation }) {
  const { id } = conversation;
  useFocusBack();
  turns(id).value;
  const roll = workspace.members.of(id);
  const [trouble, setTrouble] = useState<string>();
  const more = () => {
    setTrouble(undefined);
    workspace.members.more(id).catch((error: Error) => setTrouble(error.message));
  };
  useEffect(() => {
    if (!roll) more();
    else workspace.people.refresh(roll.members.map(({ user }) => user.id));
  }, [id, roll]);

  return (
    <aside class="beside members" aria-label="Members">
      <BesideHead name="Members" conversation={conversation}>
        {conversation.kind !== "direct" && !conversation.is_archived && (
          <button
            type="button"
            class="tool"
            aria-label="Add people"
            title="Add people"
            onClick={() => ask("add", { conversation })}
          >
            <Icon of="plus" />
          </button>
        )}
      </BesideHead>
      {trouble !== undefined && <Trouble detail={trouble} again={more} />}
      {!roll && trouble === undefined && <Loading />}
      <ul class="people">
        {roll?.members.map(({ user, role }) => (
          <li key={user.id}>
            <span class="with-dot">
              <Face user={user.id} />
              <Dot user={user.id} />
            </span>
            <span class="who">
              <b>{user.name || user.username}</b>
              <span>
                @{user.username}
                {role !== "member" && ` · ${role}`}
                {user.is_bot && " · bot"}
              </span>
              <Condition user={user.id} />
            </span>
            {user.id !== me()?.id && <MemberMenu conversation={conversation} member={{ user, role }} />}
          </li>
        ))}
      </ul>
      {roll && roll.cursor !== null && (
        <button type="button" class="button" onClick={more}>
          Show more
        </button>
      )}
    </aside>
  );
}

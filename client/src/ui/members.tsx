import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { BesideHead } from "./beside";
import { createDirect } from "./creating";
import { useFocusBack } from "./focus";
import { Loading, Trouble } from "./loading";
import { Face } from "./person";
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
  }, [id, roll]);

  return (
    <aside class="beside members" aria-label="Members">
      <BesideHead name="Members" conversation={conversation} />
      {trouble !== undefined && <Trouble detail={trouble} again={more} />}
      {!roll && trouble === undefined && <Loading />}
      <ul class="people">
        {roll?.members.map(({ user, role }) => (
          <li key={user.id}>
            <Face user={user.id} />
            <span class="who">
              <b>{user.name || user.username}</b>
              <span>
                @{user.username}
                {role !== "member" && ` · ${role}`}
                {user.is_bot && " · bot"}
              </span>
            </span>
            {user.id !== me()?.id && !user.is_bot && (
              <button
                type="button"
                class="quiet"
                onClick={() => void createDirect([user.id]).catch((e: Error) => setTrouble(e.message))}
              >
                Message
              </button>
            )}
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

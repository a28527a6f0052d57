import { useEffect, useState } from "preact/hooks";
import type { Conversation, Message } from "../sync/wire";
import { excerpt } from "../text/excerpt";
import { BesideHead } from "./beside";
import { useFocusBack } from "./focus";
import { Loading, Trouble } from "./loading";
import { Face } from "./person";
import { addressOf, follow } from "./route";
import { nameOf, turns, workspace } from "./state";
import { whenOf } from "./time";

/** List what is pinned here. */
export default function Pins({ conversation }: { conversation: Conversation }) {
  const { id, seq: head } = conversation;
  useFocusBack();
  turns(id).value;
  const [pinned, setPinned] = useState<Message[]>();
  const [trouble, setTrouble] = useState<string>();
  const load = () => {
    setTrouble(undefined);
    workspace.api.pins(id).then(
      (page) => setPinned(page.messages),
      (error: Error) => setTrouble(error.message),
    );
  };
  useEffect(load, [id, head]);
  return (
    <aside class="beside" aria-label="Pinned">
      <BesideHead name="Pinned" conversation={conversation} />
      {trouble !== undefined && <Trouble detail={trouble} again={load} />}
      {!pinned && trouble === undefined && <Loading />}
      {pinned?.length === 0 && (
        <div class="empty">
          <h2>Nothing is pinned</h2>
          <p>Pin a message from its menu, so that everybody here finds it.</p>
        </div>
      )}
      <ul class="sheet pins">
        {pinned?.map(({ seq, user, at, body }) => (
          <li key={seq} class="item">
            <a href={addressOf(id, seq)} onClick={(event) => follow(event, { conversation: id, seq, panel: "pins" })}>
              <Face user={user} />
              <span class="what">
                <span class="facts">
                  <b>{nameOf(user)}</b>
                  <span>{whenOf(at)}</span>
                </span>
                <span class="words">{excerpt(body, nameOf)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </aside>
  );
}

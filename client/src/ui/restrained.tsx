import { useEffect, useState } from "preact/hooks";
import type { Banned, Conversation, Muted } from "../sync/wire";
import { PartHead } from "./part";
import { Face } from "./person";
import { turns, workspace } from "./state";
import { dueOf, whenOf } from "./time";
import { say } from "./toast";

/** List who is muted or banned, for those who can take it back. */
export function Restrained({ conversation: { id, seq } }: { conversation: Conversation }) {
  turns(id).value;
  const [mutes, setMutes] = useState<Muted[]>([]);
  const [bans, setBans] = useState<Banned[]>([]);
  const load = () => {
    workspace.api.mutes(id).then(
      (page) => setMutes(page.mutes),
      () => undefined,
    );
    workspace.api.bans(id).then(
      (page) => setBans(page.bans),
      () => undefined,
    );
  };
  useEffect(load, [id, seq]);
  const undo = (deed: Promise<unknown>) => void deed.then(load, (error: Error) => say(error.message));
  if (mutes.length === 0 && bans.length === 0) return null;
  return (
    <section>
      <PartHead>Muted and banned</PartHead>
      <ul class="people">
        {mutes.map(({ user, until }) => (
          <li key={`mute ${user.id}`}>
            <Face user={user.id} />
            <span class="who">
              <b>{user.name || user.username}</b>
              <span>muted until {dueOf(until)}</span>
            </span>
            <button type="button" class="link" onClick={() => undo(workspace.api.mute(id, user.id, 0))}>
              Let write
            </button>
          </li>
        ))}
        {bans.map(({ user, at }) => (
          <li key={`ban ${user.id}`}>
            <Face user={user.id} />
            <span class="who">
              <b>{user.name || user.username}</b>
              <span>banned {whenOf(at)}</span>
            </span>
            <button type="button" class="link" onClick={() => undo(workspace.api.ban(id, user.id, false))}>
              Lift the ban
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { Person } from "../../sync/wire";
import { Dialog } from "../dialog";
import { Face } from "../person";
import { Picker } from "../picker";
import { nameOf, owned, workspace } from "../state";

const HIDDEN = [
  ["hide_presence", "Whether I am here"],
  ["hide_last_seen", "When I was last here"],
  ["hide_typing", "That I am writing"],
  ["hide_receipts", "What I have received and read"],
] as const;

/** Choose what is hidden from peers, and from whom no direct messages are taken. */
export default function Privacy({ close }: { close: () => void }) {
  for (const kind of ["prefer", "block"]) owned(kind).value;
  const isLet = document.documentElement.dataset.privateMode !== "0";
  const blocked = workspace.own.all("block");
  const block = (people: Person[]) => {
    for (const { id } of people) workspace.own.put({ type: "block", person: id, on: true });
  };
  return (
    <Dialog title="Privacy" close={close}>
      <p class="lead">
        {isLet
          ? "What you hide here is hidden from peers, not from the record: your organisation keeps it all the same."
          : "This workspace lets nobody hide these."}
      </p>
      <fieldset class="hides" disabled={!isLet}>
        <legend>Hide from peers</legend>
        {HIDDEN.map(([name, words]) => (
          <label key={name} class="choice">
            <input
              type="checkbox"
              checked={isLet && workspace.own.get("prefer", name)?.value === true}
              onChange={(event) =>
                workspace.own.put({ type: "prefer", name, value: event.currentTarget.checked ? true : null })
              }
            />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
      <section class="blocks" aria-label="Blocked people">
        <p class="lead">
          You take no direct messages from people you block. They are not told why, and rooms with others are not
          concerned.
        </p>
        <ul class="people">
          {blocked.map(({ key, value: { person } }) => (
            <li key={key}>
              <Face user={person} />
              <span class="who">
                <b>{nameOf(person)}</b>
              </span>
              <button
                type="button"
                class="link"
                onClick={() => workspace.own.put({ type: "block", person, on: false })}
              >
                Unblock
              </button>
            </li>
          ))}
        </ul>
        <Picker label="Block" chosen={[]} choose={block} />
      </section>
    </Dialog>
  );
}

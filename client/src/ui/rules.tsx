import type { Conversation } from "../sync/wire";
import { change } from "./details";
import { PartHead } from "./part";
import { spanOf } from "./span";

const PAUSES = [0, 10, 30, 60, 300, 900, 3600, 21_600];
const SHOWN = [0, 3600, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400];
const EDITS = [60, 300, 900, 3600, 86_400];
const DAYS = [7, 30, 90, 365];

/** Show how it goes in a conversation; who may, changes it. */
export function Rules({ conversation }: { conversation: Conversation }) {
  const { id, kind, role, is_read_only = false, slow_s = 0, disappears_s = 0, history, edits_s } = conversation;
  const isOpen = !conversation.is_archived;
  const moderates = role !== "member" && isOpen;
  const owns = role === "owner" && isOpen;
  const isRoom = kind !== "direct";
  const shown = history ?? (kind === "channel" ? "start" : "joining");
  return (
    <section>
      <PartHead>How it goes here</PartHead>
      {isRoom && !moderates && (
        <p class="rule">
          <b>Who writes</b> {is_read_only ? "Owners and moderators" : "Everybody"}
        </p>
      )}
      {isRoom && moderates && (
        <label class="choice">
          <input
            type="checkbox"
            checked={is_read_only}
            onChange={(event) => void change(id, { read_only: event.currentTarget.checked })}
          />
          <span>
            Only owners and moderators write
            <small>Everybody can read, and react.</small>
          </span>
        </label>
      )}
      {isRoom && (
        <Select
          name="Slow mode"
          note="A member’s pause between two messages."
          may={moderates}
          value={slow_s}
          choices={among(PAUSES, slow_s).map((s) => [s, s === 0 ? "Off" : spanOf(s)])}
          choose={(value) => void change(id, { slow_s: Number(value) })}
        />
      )}
      <Select
        name="Messages disappear"
        note="What is said from now on is hidden after that. The record keeps it."
        may={isRoom ? owns : isOpen}
        value={disappears_s}
        choices={among(SHOWN, disappears_s).map((s) => [s, s === 0 ? "Never" : `After ${spanOf(s)}`])}
        choose={(value) => void change(id, { disappears_s: Number(value) })}
      />
      {isRoom && (
        <>
          <Select
            name="Who joins can read"
            note="For those who join from now on."
            may={owns}
            value={shown}
            choices={[
              ["start", "Everything from the start"],
              ["joining", "What is said from then on"],
              ...among(DAYS, typeof shown === "number" ? shown : 7).map(
                (days) => [days, `The last ${days} days`] as [number, string],
              ),
            ]}
            choose={(value) =>
              void change(id, { history: value === "start" || value === "joining" ? value : Number(value) })
            }
          />
          <Select
            name="Time to edit and delete"
            note="For members. Owners and moderators have no limit."
            may={owns}
            value={edits_s ?? ""}
            choices={[
              ["", "As the workspace has it"],
              ...among(EDITS, edits_s ?? 60).map((s) => [s, spanOf(s)] as [number, string]),
            ]}
            choose={(value) => void change(id, { edits_s: value === "" ? null : Number(value) })}
          />
        </>
      )}
    </section>
  );
}

interface SelectProps {
  name: string;
  note: string;
  may: boolean;
  value: string | number;
  choices: [string | number, string][];
  choose: (value: string) => void;
}

function Select({ name, note, may, value, choices, choose }: SelectProps) {
  if (!may) {
    return (
      <p class="rule">
        <b>{name}</b> {choices.find(([one]) => one === value)?.[1]}
      </p>
    );
  }
  return (
    <label class="field">
      <span>{name}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {choices.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
      <small>{note}</small>
    </label>
  );
}

/** What is set stands among the choices, also where it was set elsewhere. */
function among(choices: number[], value: number): number[] {
  return choices.includes(value) ? choices : [...choices, value].sort((a, b) => a - b);
}

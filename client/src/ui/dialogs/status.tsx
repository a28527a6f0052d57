import { useState } from "preact/hooks";
import { Dialog } from "../dialog";
import { workspace } from "../state";
import { dueOf } from "../time";

const OFFERS: [string, string][] = [
  ["📅", "In a meeting"],
  ["🎯", "Please don’t disturb"],
  ["🚆", "On the way"],
  ["🤒", "Unwell"],
  ["🌴", "On leave"],
];

/** Say how I am, to those who may know whether I am here. */
export default function Status({ close }: { close: () => void }) {
  const kept = workspace.own.get("status", "");
  const [emoji, setEmoji] = useState(kept?.emoji ?? "");
  const [text, setText] = useState(kept?.text ?? "");
  const [until, setUntil] = useState(kept?.until ? "kept" : "");
  const keep = () => {
    const end = until === "kept" ? kept?.until : endOf(until)?.toISOString();
    workspace.own.put({
      type: "status",
      emoji: emoji.trim(),
      text: text.trim(),
      ...(end === undefined ? {} : { until: end }),
    });
  };
  return (
    <Dialog title="How I am" close={close} verb="Save" act={keep}>
      <div class="choices">
        {OFFERS.map(([sign, words]) => (
          <button
            key={words}
            type="button"
            class="button"
            onClick={() => {
              setEmoji(sign);
              setText(words);
            }}
          >
            {sign} {words}
          </button>
        ))}
        {(emoji || text) && (
          <button
            type="button"
            class="button"
            onClick={() => {
              setEmoji("");
              setText("");
            }}
          >
            Nothing
          </button>
        )}
      </div>
      <div class="side-by-side">
        <label class="field narrow">
          <span>Emoji</span>
          <input
            value={emoji}
            maxLength={64}
            autoComplete="off"
            onInput={(event) => setEmoji(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>In words</span>
          <input
            value={text}
            maxLength={200}
            autoComplete="off"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </div>
      <label class="field">
        <span>Until</span>
        <select value={until} onChange={(event) => setUntil(event.currentTarget.value)}>
          {kept?.until && <option value="kept">{dueOf(kept.until)}</option>}
          <option value="">I change it</option>
          <option value="hour">In an hour</option>
          <option value="day">The end of today</option>
          <option value="week">The end of the week</option>
        </select>
        <small>Those who may know whether you are here see it. It is part of the record.</small>
      </label>
    </Dialog>
  );
}

function endOf(what: string): Date | undefined {
  if (what === "") return undefined;
  if (what === "hour") return new Date(Date.now() + 3_600_000);
  const end = new Date();
  // The week ends with Sunday.
  if (what === "week") end.setDate(end.getDate() + ((7 - end.getDay()) % 7));
  end.setHours(23, 59, 59, 0);
  return end;
}

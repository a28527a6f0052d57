import { useState } from "preact/hooks";
import type { Values } from "../../sync/own";
import { uuid7 } from "../../sync/uuid7";
import { Dialog } from "../dialog";
import { asTyped, withMentions } from "../mentioning";
import { workspace } from "../state";
import { dueOf } from "../time";
import { say } from "../toast";

interface Props {
  /** What is to be said later, and is being changed. */
  scheduled?: Values["schedule"];
  /** What is being written, and where. */
  written?: { where: number; thread?: number; also?: boolean; body: string };
  close: () => void;
}

/** Choose when a message is to be sent. */
export default function Later({ scheduled, written, close }: Props) {
  const { where, thread, also, body: before } = (scheduled ?? written)!;
  const [{ text, meant }] = useState(() => asTyped(before));
  const [body, setBody] = useState(text);
  const [at, setAt] = useState(() => localText(scheduled ? new Date(scheduled.due_at) : tomorrow()));
  const due = new Date(at);
  const isAhead = due.getTime() > Date.now();
  const keep = () => {
    workspace.own.put({
      type: "schedule",
      schedule: scheduled?.schedule ?? uuid7(),
      where,
      ...(thread === undefined ? {} : { thread, ...(also ? { also } : {}) }),
      due_at: due.toISOString(),
      body: withMentions(where, body.trim(), meant),
    });
    if (written) workspace.drafts.clear(where, thread);
    say(`Goes out ${dueOf(due.toISOString())}`, false);
  };
  return (
    <Dialog
      title="Send later"
      close={close}
      verb={scheduled ? "Save" : "Send then"}
      isReady={isAhead && body.trim() !== ""}
      act={keep}
    >
      <div class="choices">
        {offers().map(([name, moment]) => (
          <button key={name} type="button" class="button" onClick={() => setAt(localText(moment))}>
            {name}
          </button>
        ))}
      </div>
      <label class="field">
        <span>When</span>
        <input
          type="datetime-local"
          value={at}
          min={localText(new Date())}
          required
          onInput={(event) => setAt(event.currentTarget.value)}
        />
        {at !== "" && !isAhead && <small>This is over. Choose a time ahead.</small>}
      </label>
      <label class="field">
        <span>Message</span>
        <textarea rows={4} value={body} maxLength={16_000} onInput={(event) => setBody(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function tomorrow(): Date {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  day.setHours(9, 0, 0, 0);
  return day;
}

function offers(): [string, Date][] {
  const monday = new Date();
  monday.setDate(monday.getDate() + ((8 - monday.getDay()) % 7 || 7));
  monday.setHours(9, 0, 0, 0);
  return [
    ["In an hour", new Date(Date.now() + 3_600_000)],
    ["Tomorrow at 9:00", tomorrow()],
    ["Monday at 9:00", monday],
  ];
}

/** Write a moment as the field wants it: by the clock on the wall here. */
function localText(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

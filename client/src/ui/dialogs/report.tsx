import { useState } from "preact/hooks";
import type { Report as Made, Message } from "../../sync/wire";
import { Dialog } from "../dialog";
import { REASONS } from "../reasons";
import { nameOf, workspace } from "../state";
import { say } from "../toast";

const LONGEST_NOTE = 1000;

/** Report a message to the moderators. */
export default function Report({ message, close }: { message: Message; close: () => void }) {
  const [reason, setReason] = useState<Made["reason"]>();
  const [note, setNote] = useState("");
  const report = async () => {
    await workspace.api.report(message.conversation, message.seq, reason!, note.trim());
    say("Reported to the moderators", false);
  };
  return (
    <Dialog title="Report this message" close={close} verb="Report" isReady={reason !== undefined} act={report}>
      <p class="lead">
        The moderators of this workspace get what {nameOf(message.user)} said, some of what stands around it, and your
        name. Nobody in the conversation learns of it. What they decide is shown to you under What I reported, behind
        your name.
      </p>
      <fieldset class="hides">
        <legend>Why</legend>
        {(Object.keys(REASONS) as Made["reason"][]).map((value) => (
          <label key={value} class="choice">
            <input type="radio" name="reason" checked={reason === value} onChange={() => setReason(value)} />
            <span>{REASONS[value]}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>What the moderators should know (optional)</span>
        <textarea
          rows={3}
          value={note}
          maxLength={LONGEST_NOTE}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
    </Dialog>
  );
}

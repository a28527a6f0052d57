import { useState } from "preact/hooks";
import type { Conversation } from "../../sync/wire";
import { Dialog } from "../dialog";
import { workspace } from "../state";

const TITLES = { name: "Name", topic: "Topic", purpose: "Purpose" } as const;
const NOTES = {
  name: "What it is called in everybody’s list.",
  topic: "What is spoken of now. It stands in the head of the conversation.",
  purpose: "What it is for.",
} as const;

/** Change a conversation's name, topic or purpose. */
export default function Words({
  conversation,
  field,
  close,
}: {
  conversation: Conversation;
  field: keyof typeof TITLES;
  close: () => void;
}) {
  const [text, setText] = useState(conversation[field] ?? "");
  const keep = () => workspace.api.change(conversation.id, { [field]: text.trim() });
  const isReady = field !== "name" || text.trim() !== "";
  return (
    <Dialog title={`Change the ${field}`} close={close} verb="Save" isReady={isReady} act={keep}>
      <label class="field">
        <span>{TITLES[field]}</span>
        <input
          value={text}
          maxLength={field === "name" ? 80 : 250}
          autoComplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <small>{NOTES[field]}</small>
      </label>
    </Dialog>
  );
}

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../sync/wire";
import { grow } from "./growing";
import { withMentions, withNames } from "./mentioning";
import { workspace } from "./state";

const LONGEST = 16_000;

/** Which message is being edited, and whether beside the conversation, where its thread is. */
export const editing = signal<{ conversation: number; seq: number; inThread: boolean; words?: string } | undefined>(
  undefined,
);

/** Edit a message in its place; `words` to begin with others than it has. */
export function edit({ conversation, seq }: Message, inThread: boolean, words?: string): void {
  editing.value = { conversation, seq, inThread, words };
}

/** Say whether a message is being edited here. */
export function isEdited({ conversation, seq }: Message, inThread: boolean): boolean {
  const now = editing.value;
  return now?.conversation === conversation && now.seq === seq && now.inThread === inThread;
}

/** Give a message of mine other words. */
export function EditBox({ message, body }: { message: Message; body: string }) {
  const { conversation, seq } = message;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => withNames(editing.peek()?.words ?? body));
  const [before] = useState(() => document.activeElement);
  const length = [...text].length;
  const isReady = text.trim() !== "" && length <= LONGEST;
  useLayoutEffect(() => {
    const box = area.current!;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }, []);
  useLayoutEffect(() => grow(area.current!), [text]);
  const leave = () => {
    editing.value = undefined;
    const composer = area.current?.closest(".beside, .page")?.querySelector<HTMLElement>(".composer textarea");
    (before instanceof HTMLTextAreaElement && before.isConnected ? before : composer)?.focus({ preventScroll: true });
  };
  const save = () => {
    if (!isReady) return;
    const words = withMentions(conversation, text.trim());
    if (words !== body) workspace.outbox.put({ type: "edit", conversation, seq, body: words });
    leave();
  };
  return (
    <form
      class="edit"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={area}
        rows={1}
        aria-label="Edit message"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Escape") leave();
          else if (event.key === "Enter" && !event.shiftKey) save();
          else return;
          event.preventDefault();
        }}
      />
      <div class="below">
        <button type="button" class="button" onClick={leave}>
          Cancel
        </button>
        <button type="submit" class="button main" disabled={!isReady}>
          Save
        </button>
        <span class="keys">
          {length > LONGEST ? "Longer than 16,000 characters" : "Enter saves, Esc leaves it as it was"}
        </span>
      </div>
    </form>
  );
}

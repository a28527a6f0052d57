import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../sync/wire";
import { grow } from "./growing";
import { asTyped, withMentions } from "./mentioning";
import { useNames } from "./naming";
import { named, workspace } from "./state";

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
  const [words] = useState(() => editing.peek()?.words);
  named.value; // until it is touched, names that become known take the place of ids
  const before = asTyped(words ?? body);
  const [typed, setTyped] = useState<string>();
  const text = typed ?? before.text;
  const [from] = useState(() => document.activeElement);
  const length = [...text].length;
  const isReady = text.trim() !== "" && length <= LONGEST;
  useLayoutEffect(() => {
    const box = area.current!;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }, []);
  useLayoutEffect(() => grow(area.current!), [text]);
  const names = useNames(conversation, area, setTyped); // its list is placed once the box has grown
  const leave = () => {
    editing.value = undefined;
    const composer = area.current?.closest(".beside, .page")?.querySelector<HTMLElement>(".composer textarea");
    (from instanceof HTMLTextAreaElement && from.isConnected ? from : composer)?.focus({ preventScroll: true });
  };
  const save = () => {
    if (!isReady) return;
    const said = text === before.text ? (words ?? body) : withMentions(conversation, text.trim(), before.meant);
    if (said !== body) workspace.outbox.put({ type: "edit", conversation, seq, body: said });
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
      {names.list}
      <textarea
        ref={area}
        rows={1}
        aria-label="Edit message"
        value={text}
        aria-controls={names.list ? "names" : undefined}
        aria-activedescendant={names.active}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          names.look();
        }}
        onClick={names.look}
        onBlur={names.close}
        onKeyDown={(event) => {
          if (event.isComposing || names.key(event)) return;
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

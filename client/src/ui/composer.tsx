import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { useSlowness } from "./closed";
import { ask } from "./dialogs";
import { editing } from "./editing";
import { grow } from "./growing";
import { Icon } from "./icon";
import { withMentions } from "./mentioning";
import { useNames } from "./naming";
import { spanOf } from "./span";
import { me, owned, phase, workspace } from "./state";
import { figure } from "./time";
import { markedTitle } from "./title";

const LONGEST = 16_000;
const NEARLY = 15_000;

interface Props {
  conversation: Conversation;
  thread?: number;
  label: string;
  /** What the button says. */
  verb: string;
  sent?: () => void;
}

/** Write a message: Enter sends, Shift+Enter starts a line. */
export function Composer({ conversation: about, thread, label, verb, sent }: Props) {
  const conversation = about.id;
  const place = `${conversation} ${thread ?? ""}`;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(conversation, thread);
  const names = useNames(conversation, area, setText);
  const length = [...text].length;
  const slow = useSlowness(about);
  const ready = text.trim() !== "" && length <= LONGEST && slow === 0;
  const [also, setAlso] = useState(false);

  useLayoutEffect(() => grow(area.current!), [text]);
  useEffect(() => {
    // A soft keyboard would cover what one came to read.
    if (matchMedia("(hover: hover)").matches) area.current?.focus({ preventScroll: true });
  }, [place]);

  const send = () => {
    if (!ready) return;
    workspace.outbox.post(conversation, withMentions(conversation, text.trim()), thread, also);
    setText("");
    setAlso(false);
    workspace.drafts.flush();
    sent?.();
  };
  const typed = (event: KeyboardEvent) => {
    // Enter that ends a composition chooses a word: it does not send.
    if (event.isComposing || names.key(event)) return;
    if (event.key === "ArrowUp" && text === "" && editLast(conversation, thread)) event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      class={`composer${text === "" ? "" : " holding"}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {names.list}
      <textarea
        ref={area}
        rows={1}
        value={text}
        aria-label={label}
        placeholder={label}
        aria-controls={names.list ? "names" : undefined}
        aria-activedescendant={names.active}
        onInput={(event) => {
          setText(event.currentTarget.value);
          workspace.nearby.type(conversation);
          names.look();
        }}
        onKeyDown={typed}
        onClick={names.look}
        onBlur={names.close}
      />
      {thread !== undefined && (
        <label class="also">
          <input type="checkbox" checked={also} onChange={(event) => setAlso(event.currentTarget.checked)} />
          Also to {markedTitle(about)}
        </label>
      )}
      <div class="below">
        {slow > 0 && text !== "" && (
          <span class="waits">
            <Icon of="clock" size={13} /> Slow mode: {spanOf(slow)} to wait
          </span>
        )}
        {slow === 0 && (about.disappears_s ?? 0) > 0 && (
          <span class="waits">
            <Icon of="clock" size={13} /> Disappears after {spanOf(about.disappears_s!)}
          </span>
        )}
        {phase.value !== "live" && text !== "" && <span class="hint">Offline: will be sent later</span>}
        {length > NEARLY && (
          <span class={`count${length > LONGEST ? " over" : ""}`} role="status">
            {figure(length)} of {figure(LONGEST)}
          </span>
        )}
        <span class="keys">Shift + Enter starts a line</span>
        {ready && (
          <button
            type="button"
            class="tool"
            aria-label="Send later"
            title="Send later"
            onClick={() => ask("later", { written: { where: conversation, thread, also, body: text.trim() } })}
          >
            <Icon of="clock" />
          </button>
        )}
        <button type="submit" class="send" disabled={!ready}>
          {verb}
        </button>
      </div>
    </form>
  );
}

/** What is being written here, on this device or another of mine. */
function useDraft(conversation: number, thread?: number): [string, (text: string) => void] {
  owned("draft").value;
  const now = workspace.drafts.of(conversation, thread);
  const [, turn] = useState(0);
  const set = (text: string) => {
    workspace.drafts.type(conversation, thread, text);
    turn((count) => count + 1);
  };
  return [now, set];
}

/** Edit what I said last here; false where there is nothing of mine. */
function editLast(conversation: number, thread?: number): boolean {
  const log = workspace.store.log(conversation);
  const said = thread === undefined ? log.window.flatMap((seq) => log.message(seq) ?? []) : (log.thread(thread) ?? []);
  const last = said.findLast(
    (one) =>
      one.user === me()?.id &&
      one.deleted_at === undefined &&
      (thread !== undefined || one.thread === undefined || one.also),
  );
  if (last) editing.value = { conversation, seq: last.seq, inThread: thread !== undefined };
  return last !== undefined;
}

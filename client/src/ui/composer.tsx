import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation, Person } from "../sync/wire";
import { useSlowness } from "./closed";
import { ask } from "./dialogs";
import { editing } from "./editing";
import { grow } from "./growing";
import { Icon } from "./icon";
import { candidates, type Fragment, fragmentAt, withMentions } from "./mentioning";
import { Face } from "./person";
import { spanOf } from "./span";
import { me, owned, phase, turns, workspace } from "./state";
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

type Area = { current: HTMLTextAreaElement | null };

/** Offer names while one is being typed. */
function useNames(conversation: number, area: Area, setText: (text: string) => void) {
  const [fragment, setFragment] = useState<Fragment>();
  const [at, setAt] = useState(0);
  turns(conversation).value; // the members may come, or be forgotten, while one types
  const people = fragment ? candidates(conversation, fragment.text) : [];
  const isUnknown = fragment !== undefined && !workspace.members.of(conversation);
  useEffect(() => {
    if (isUnknown) workspace.members.more(conversation).catch(() => undefined);
  }, [conversation, isUnknown]);
  const close = () => setFragment(undefined);
  const look = () => {
    const box = area.current!;
    setFragment(fragmentAt(box.value, box.selectionStart));
    setAt(0);
  };
  const choose = (person: Person) => {
    const box = area.current!;
    const { start, text } = fragment!;
    box.setRangeText(`@${person.username} `, start, start + text.length + 1, "end");
    setText(box.value);
    close();
    box.focus();
  };
  const key = (event: KeyboardEvent): boolean => {
    if (people.length === 0) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((at + step + people.length) % people.length);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) choose(people[at]!);
    else return false;
    event.preventDefault();
    return true;
  };
  const list = people.length > 0 && (
    <div class="names" id="names" role="listbox" aria-label="People">
      {people.map((person, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text; the active one is told by aria-activedescendant
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the text
        <div
          key={person.id}
          id={`name-${person.id}`}
          role="option"
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(person)}
        >
          <Face user={person.id} small />
          <b>{person.username}</b>
          {person.name !== person.username && <span>{person.name}</span>}
        </div>
      ))}
    </div>
  );
  const active = people[at];
  return { list, look, close, key, active: active ? `name-${active.id}` : undefined };
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

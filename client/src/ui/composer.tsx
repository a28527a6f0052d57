import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Person } from "../sync/wire";
import { draftOf, keepDraft } from "./drafts";
import { candidates, type Fragment, fragmentAt, withMentions } from "./mentioning";
import { Face } from "./person";
import { phase, turns, workspace } from "./state";
import { figure } from "./time";

const LONGEST = 16_000;
const NEARLY = 15_000;

interface Props {
  conversation: number;
  thread?: number;
  label: string;
  /** What the button says. */
  verb: string;
  sent?: () => void;
}

/** Write a message: Enter sends, Shift+Enter starts a line. */
export function Composer({ conversation, thread, label, verb, sent }: Props) {
  const place = `${conversation} ${thread ?? ""}`;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => draftOf(place));
  const names = useNames(conversation, area, setText);
  const length = [...text].length;
  const ready = text.trim() !== "" && length <= LONGEST;

  useEffect(() => setText(draftOf(place)), [place]);
  useEffect(() => keepDraft(place, text), [text]);
  useLayoutEffect(() => grow(area.current!), [text]);
  useEffect(() => {
    // A soft keyboard would cover what one came to read.
    if (matchMedia("(hover: hover)").matches) area.current?.focus({ preventScroll: true });
  }, [place]);

  const send = () => {
    if (!ready) return;
    workspace.outbox.post(conversation, withMentions(conversation, text.trim()), thread);
    setText("");
    keepDraft(place, "");
    sent?.();
  };
  const typed = (event: KeyboardEvent) => {
    // Enter that ends a composition chooses a word: it does not send.
    if (event.isComposing || names.key(event)) return;
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
          names.look();
        }}
        onKeyDown={typed}
        onClick={names.look}
        onBlur={names.close}
      />
      <div class="below">
        {phase.value !== "live" && text !== "" && <span class="hint">Offline: will be sent later</span>}
        {length > NEARLY && (
          <span class={`count${length > LONGEST ? " over" : ""}`} role="status">
            {figure(length)} of {figure(LONGEST)}
          </span>
        )}
        <span class="keys">Shift + Enter starts a line</span>
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

/** Make the box as high as its text, up to what its style allows. */
function grow(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

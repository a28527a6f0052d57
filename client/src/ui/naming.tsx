import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";
import { candidates, type Fragment, fragmentAt, type Offer } from "./mentioning";
import { Face } from "./person";
import { named, turns, workspace } from "./state";

type Area = { current: HTMLTextAreaElement | null };

/** Offer who can be mentioned while one types: `list` to show, `key` to try each key on first. */
export function useNames(conversation: number, area: Area, setText: (text: string) => void) {
  const [fragment, setFragment] = useState<Fragment>();
  const [at, setAt] = useState(0);
  turns(conversation).value; // the members may come, or be forgotten, while one types
  named.value; // and so may groups
  const offers = fragment ? unlessWhole(candidates(conversation, fragment.text), fragment.text) : [];
  const isUnknown = fragment !== undefined && !workspace.members.of(conversation);
  useEffect(() => {
    if (isUnknown) workspace.members.more(conversation).catch(() => undefined);
  }, [conversation, isUnknown]);
  useEffect(() => {
    // What was written earlier may name groups too.
    if (area.current?.value.includes("@")) void workspace.groups.look(fragment?.text ?? "");
  });
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (panel.current) place(panel.current);
  }, [offers.length]);
  const close = () => setFragment(undefined);
  const look = () => {
    const box = area.current!;
    setFragment(fragmentAt(box.value, box.selectionStart));
    setAt(0);
  };
  const choose = ({ word }: Offer) => {
    const box = area.current!;
    const { start, text } = fragment!;
    box.setRangeText(`@${word} `, start, start + text.length + 1, "end");
    setText(box.value);
    close();
    box.focus();
  };
  const key = (event: KeyboardEvent): boolean => {
    if (offers.length === 0) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((at + step + offers.length) % offers.length);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) choose(offers[at] ?? offers[0]!);
    else return false;
    event.preventDefault();
    return true;
  };
  const list = offers.length > 0 && (
    <div ref={panel} class="names" id="names" role="listbox" aria-label="Who to mention">
      {offers.map((offer, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the text; the active one is told by aria-activedescendant
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the text
        <div
          key={offer.person ?? `@${offer.word}`}
          id={`name-${index}`}
          role="option"
          aria-selected={index === at}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(offer)}
        >
          {offer.person === undefined ? (
            <span class="several">
              <Icon of="members" size={13} />
            </span>
          ) : (
            <Face user={offer.person} small />
          )}
          <b>{offer.word}</b>
          {offer.means !== offer.word && <span>{offer.means}</span>}
        </div>
      ))}
    </div>
  );
  return { list, look, close, key, active: offers[at] ? `name-${at}` : undefined };
}

/** A name that is typed whole leaves nothing to choose: Enter is for the text. */
function unlessWhole(offers: Offer[], typed: string): Offer[] {
  const isWhole = offers.length === 1 && offers[0]!.word.toLowerCase() === typed.toLowerCase();
  return isWhole ? [] : offers;
}

/** Put a list beneath its box where what scrolls would cut it off above and there is more room, and bring it into view. */
function place(list: HTMLElement): void {
  const box = list.parentElement!.getBoundingClientRect();
  const edge = list.closest(".scroller")?.getBoundingClientRect();
  const room = edge ? box.top - edge.top : Number.POSITIVE_INFINITY;
  list.classList.toggle("beneath", room < list.offsetHeight && edge!.bottom - box.bottom > room);
  list.scrollIntoView({ block: "nearest" });
}

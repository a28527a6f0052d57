import { useState } from "preact/hooks";
import { Popup } from "./popup";

const COMMON: [string, string][] = [
  ["👍", "Thumbs up"],
  ["✅", "Done"],
  ["❤️", "Heart"],
  ["😂", "Laughing"],
  ["🎉", "Celebrating"],
  ["👀", "Looking"],
  ["🙏", "Thanks"],
];
const LONGEST = 64;

interface Props {
  anchor: HTMLElement;
  choose: (emoji: string) => void;
  close: () => void;
}

/** Choose an emoji: one of a few, or any. */
export function EmojiPicker({ anchor, choose, close }: Props) {
  const [typed, setTyped] = useState("");
  const take = (emoji: string) => {
    close();
    choose(emoji);
  };
  const any = typed.trim();
  return (
    <Popup anchor={anchor} role="dialog" label="React" close={close}>
      <div class="emoji">
        {COMMON.map(([emoji, name]) => (
          <button key={emoji} type="button" aria-label={name} title={name} onClick={() => take(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
      <form
        class="any"
        onSubmit={(event) => {
          event.preventDefault();
          if (any !== "" && [...any].length <= LONGEST) take(any);
        }}
      >
        <input
          aria-label="Any emoji"
          placeholder="Any emoji"
          value={typed}
          maxLength={LONGEST}
          autoComplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={any === ""}>
          React
        </button>
      </form>
    </Popup>
  );
}

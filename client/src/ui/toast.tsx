import { signal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "./icon";
import { refused } from "./state";

const SHOWN_MS = 6_000;

const words = signal<{ text: string; isBad: boolean } | undefined>(undefined);

/** Say in a word what came of something. */
export function say(text: string, isBad = true): void {
  words.value = { text, isBad };
}

/** Show what was last said, for a while. */
export function Toast() {
  const now = words.value;
  useSignalEffect(() => {
    if (refused.value) say(`Not done: ${refused.value.reason}`);
  });
  useEffect(() => {
    const timer = setTimeout(() => {
      words.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now]);
  if (!now) return null;
  return (
    <div class="toast" role={now.isBad ? "alert" : "status"}>
      <p>
        {!now.isBad && <Icon of="check" size={15} />}
        {now.text}
      </p>
    </div>
  );
}

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const focused = signal(document.hasFocus());

for (const name of ["focus", "blur"]) {
  addEventListener(name, () => {
    focused.value = document.hasFocus();
  });
}
document.addEventListener("visibilitychange", () => {
  focused.value = document.visibilityState === "visible" && document.hasFocus();
});

/** Say whether somebody is looking at this page. */
export function useFocus(): boolean {
  return focused.value;
}

/** Give the focus back, when this goes, to what had it when this came. */
export function useFocusBack(): void {
  const before = useRef(document.activeElement);
  useEffect(
    () => () => {
      const { current } = before;
      if (current instanceof HTMLElement && current.isConnected) current.focus({ preventScroll: true });
    },
    [],
  );
}

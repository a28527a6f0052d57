import { signal } from "@preact/signals";

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

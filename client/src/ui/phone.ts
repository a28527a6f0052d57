import { signal } from "@preact/signals";

/** As in `layout.css`: below this width one thing is shown at a time. */
const narrow = matchMedia("(max-width: 720px)");

/** Whether the list, a conversation, or what is beside it has the page to itself. */
export const isPhone = signal(narrow.matches);
narrow.addEventListener("change", () => {
  isPhone.value = narrow.matches;
});

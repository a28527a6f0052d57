import { computed, signal } from "@preact/signals";

/** What is on the screen: the address says the first two, the history's state the rest. */
export interface Route {
  conversation?: number;
  seq?: number;
  thread?: number;
  panel?: "members";
}

export const route = signal<Route>(read());
export const conversationShown = computed(() => route.value.conversation);

/** Give the address of a conversation, or of a message in it. */
export function addressOf(conversation: number, seq?: number): string {
  return seq === undefined ? `/c/${conversation}` : `/c/${conversation}/${seq}`;
}

/** Go somewhere, as a step that Back takes back. */
export function go(to: Route, how: "push" | "replace" = "push"): void {
  const address = to.conversation === undefined ? "/" : addressOf(to.conversation, to.seq);
  const state = { thread: to.thread, panel: to.panel };
  if (how === "push") history.pushState(state, "", address);
  else history.replaceState(state, "", address);
  route.value = to;
}

/** Follow a link within the client without loading a page; links opened elsewhere stay the browser's. */
export function follow(event: MouseEvent, to: Route): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}

/** Open a thread beside the conversation. */
export function openThread(root: number): void {
  const { conversation, seq } = route.value;
  go({ conversation, seq, thread: root });
}

/** Open or close the list of members. */
export function togglePanel(): void {
  const { conversation, seq, panel } = route.value;
  go({ conversation, seq, panel: panel ? undefined : "members" });
}

/** Close what lies beside the conversation. */
export function closeBeside(): void {
  const { conversation, seq } = route.value;
  go({ conversation, seq });
}

function read(): Route {
  const match = /^\/c\/(\d+)(?:\/(\d+))?\/?$/.exec(location.pathname);
  if (!match) return {};
  const state = (history.state ?? {}) as Pick<Route, "thread" | "panel">;
  return {
    conversation: Number(match[1]),
    seq: match[2] === undefined ? undefined : Number(match[2]),
    thread: state.thread,
    panel: state.panel,
  };
}

addEventListener("popstate", () => {
  route.value = read();
});

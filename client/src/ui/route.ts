import { computed, signal } from "@preact/signals";

/** What is on the screen: the address says the first two, the history's state the rest. */
export interface Route {
  conversation?: number;
  seq?: number;
  thread?: number;
  panel?: Panel;
  /** A list of mine instead of a conversation. */
  view?: View;
}

export type Panel = "members" | "details" | "pins";
export type View = "threads" | "saved" | "drafts" | "later" | "reported";

const VIEWS: string[] = ["threads", "saved", "drafts", "later", "reported"] satisfies View[];

export const route = signal<Route>(read());
export const conversationShown = computed(() => route.value.conversation);

/** Give the address of a conversation, or of a message in it. */
export function addressOf(conversation: number, seq?: number): string {
  return seq === undefined ? `/c/${conversation}` : `/c/${conversation}/${seq}`;
}

/** Give the address of a list of mine. */
export function addressOfView(view: View): string {
  return `/#${view}`;
}

/** Go somewhere, as a step that Back takes back. */
export function go(to: Route, how: "push" | "replace" = "push"): void {
  const place = to.view ? addressOfView(to.view) : "/";
  const address = to.conversation === undefined ? place : addressOf(to.conversation, to.seq);
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

/** Open something beside the conversation, or close it if it is what is open. */
export function togglePanel(which: Panel): void {
  const { conversation, seq, panel, thread } = route.value;
  go({ conversation, seq, panel: panel === which && thread === undefined ? undefined : which });
}

/** Close what lies beside the conversation. */
export function closeBeside(): void {
  const { conversation, seq } = route.value;
  go({ conversation, seq });
}

function read(): Route {
  const match = /^\/c\/(\d+)(?:\/(\d+))?\/?$/.exec(location.pathname);
  const view = location.hash.slice(1);
  if (!match) return VIEWS.includes(view) ? { view: view as View } : {};
  const state = (history.state ?? {}) as Pick<Route, "thread" | "panel">;
  return {
    conversation: Number(match[1]),
    seq: match[2] === undefined ? undefined : Number(match[2]),
    thread: state.thread,
    panel: state.panel,
  };
}

for (const name of ["popstate", "hashchange"]) {
  addEventListener(name, () => {
    route.value = read();
  });
}

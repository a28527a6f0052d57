import { useEffect } from "preact/hooks";
import { Banner } from "./banner";
import { ConversationView } from "./conversation";
import { Dialogs } from "./dialogs";
import { lazily } from "./lazy";
import { isPhone } from "./phone";
import { useWatch } from "./presence";
import { closeBeside, conversationShown, go, route } from "./route";
import { Sidebar } from "./sidebar";
import { listed, named, ready, workspace } from "./state";
import { markedTitle } from "./title";
import { Toast } from "./toast";

const MyList = lazily(() => import("./lists"));
const LAST = "last conversation";

/** The whole client. */
export function App() {
  const { conversation, thread, panel, view } = route.value;
  useEffect(() => workspace.socket.connect(), []);
  useHome();
  useWatch();
  useTitle();
  useEscape();
  useEffect(() => {
    if (conversation !== undefined) localStorage.setItem(LAST, `${conversation}`);
  }, [conversation]);
  const shows =
    thread !== undefined || panel ? "beside" : conversation === undefined && !view ? "list" : "conversation";
  return (
    <div class="app" data-shows={shows}>
      <Sidebar />
      {view ? (
        <MyList view={view} />
      ) : conversation === undefined ? (
        <Nothing />
      ) : (
        <ConversationView id={conversation} />
      )}
      <Banner />
      <Dialogs />
      <Toast />
    </div>
  );
}

/** Where there is room for a conversation beside the list, `/` leads to the one that was read last. */
function useHome(): void {
  const { conversation, view } = route.value;
  useEffect(() => {
    if (conversation !== undefined || view || !ready.value || isPhone.value) return;
    const all = [...workspace.store.conversations.values()].filter((one) => one.kind !== "personal");
    const last = Number(localStorage.getItem(LAST));
    const home = all.find((one) => one.id === last) ?? all.find((one) => one.kind === "channel") ?? all[0];
    if (home) go({ conversation: home.id }, "replace");
  }, [conversation, view, ready.value, listed.value]);
}

function useTitle(): void {
  listed.value;
  named.value;
  const here = workspace.store.conversations.get(conversationShown.value ?? 0);
  let unread = 0;
  for (const one of workspace.store.conversations.values())
    unread += one.kind === "channel" ? one.mentions : one.unread;
  const parts = [here && markedTitle(here), document.documentElement.dataset.workspace].filter(Boolean);
  const title = `${unread > 0 ? `(${unread}) ` : ""}${parts.join(" · ")}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function useEscape(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { thread, panel } = route.value;
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open"))
        return;
      if (thread !== undefined || panel) closeBeside();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function Nothing() {
  return (
    <main class="stage">
      <h1 class="unseen">Conversations</h1>
      <div class="page">
        <div class="empty">
          {ready.value && workspace.store.conversations.size === 0 && (
            <>
              <h2>Nothing to read yet</h2>
              <p>Begin a conversation with the pen at the top of the list.</p>
            </>
          )}
        </div>
      </div>
    </main>
  );
}

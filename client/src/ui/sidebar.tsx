import { useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { Icon } from "./icon";
import { NewConversation } from "./new";
import { Face } from "./person";
import { addressOf, conversationShown, follow } from "./route";
import { csrf, forget, listed, me, named, ready, workspace } from "./state";
import { theme, turnTheme } from "./theme";
import { titleOf } from "./title";

const THEMES = { system: "screen", light: "sun", dark: "moon" } as const;
const MOST_SHOWN = 99;

/** List my conversations, and lead to each. */
export function Sidebar() {
  listed.value;
  named.value;
  const [creating, setCreating] = useState(false);
  const all = [...workspace.store.conversations.values()].filter((one) => one.kind !== "personal");
  const channels = all
    .filter((one) => one.kind === "channel" && !one.is_archived)
    .sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  const direct = all
    .filter((one) => one.kind !== "channel" && !one.is_archived)
    .sort((a, b) => workspace.store.recency(b.id) - workspace.store.recency(a.id));
  return (
    <nav class="sidebar" aria-label="Conversations">
      <header class="workspace">
        <span class="seal" aria-hidden="true">
          P
        </span>
        <b>{document.documentElement.dataset.workspace}</b>
        <button
          type="button"
          class="tool"
          aria-label="New conversation"
          title="New conversation"
          onClick={() => setCreating(true)}
        >
          <Icon of="write" />
        </button>
      </header>
      <div class="sections">
        <Section name="Channels" conversations={channels} />
        <Section name="Direct messages" conversations={direct} />
        {ready.value && all.length === 0 && (
          <p class="none">
            You are in no conversation yet. Begin one with the pen above, or wait to be added to a channel.
          </p>
        )}
      </div>
      <Self />
      {creating && <NewConversation close={() => setCreating(false)} />}
    </nav>
  );
}

function Section({ name, conversations }: { name: string; conversations: Conversation[] }) {
  if (conversations.length === 0) return null;
  return (
    <section>
      <h2>{name}</h2>
      <ul>
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Entry conversation={conversation} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Entry({ conversation }: { conversation: Conversation }) {
  const { id, unread, mentions, kind } = conversation;
  const here = conversationShown.value === id;
  // A direct message is always for me: it counts as a mention does.
  const badge = kind === "channel" ? mentions : unread;
  return (
    <a
      href={addressOf(id)}
      class={`entry${unread > 0 ? " unread" : ""}`}
      aria-current={here ? "page" : undefined}
      onClick={(event) => follow(event, { conversation: id })}
    >
      <Sign conversation={conversation} />
      <span class="name">{titleOf(conversation)}</span>
      {badge > 0 ? (
        <span class="badge">
          {atMost(badge)}
          <span class="unseen">{kind === "channel" ? " mentions" : " unread"}</span>
        </span>
      ) : (
        unread > 0 && (
          <span class="unreads">
            {atMost(unread)}
            <span class="unseen"> unread</span>
          </span>
        )
      )}
    </a>
  );
}

function Sign({ conversation }: { conversation: Conversation }) {
  const { kind, is_private, users = [] } = conversation;
  if (kind === "channel") return <Icon of={is_private ? "lock" : "hash"} size={15} />;
  if (users.length > 1) return <span class="several">{users.length}</span>;
  if (kind === "group") return <Icon of="members" size={15} />;
  return <Face user={users[0]?.id ?? me()?.id ?? 0} small />;
}

/** Show who is signed in, with the theme and the way out. */
function Self() {
  const self = me();
  if (!self) return null;
  const look = { system: "as the device", light: "light", dark: "dark" }[theme.value];
  return (
    <footer class="self">
      <Face user={self.id} />
      <span class="who">
        <b>{self.name || self.username}</b>
        <span>@{self.username}</span>
      </span>
      <button type="button" class="tool" aria-label={`Theme: ${look}`} title={`Theme: ${look}`} onClick={turnTheme}>
        <Icon of={THEMES[theme.value]} />
      </button>
      <a class="tool" href="/settings/" aria-label="Settings" title="Settings">
        <Icon of="settings" />
      </a>
      <form method="post" action="/signout/" onSubmit={forget}>
        <input type="hidden" name="csrfmiddlewaretoken" value={csrf()} />
        <button type="submit" class="tool" aria-label="Sign out" title="Sign out">
          <Icon of="leave" />
        </button>
      </form>
    </footer>
  );
}

function atMost(count: number): string {
  return count > MOST_SHOWN ? `${MOST_SHOWN}+` : `${count}`;
}

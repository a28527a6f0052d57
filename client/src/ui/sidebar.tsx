import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { ask } from "./dialogs";
import { type Drawing, Icon } from "./icon";
import { Menu } from "./menu";
import { NewConversation } from "./new";
import { forget } from "./pad";
import { Face } from "./person";
import { conditionOf, Dot } from "./presence";
import { addressOf, addressOfView, conversationShown, follow, go, route, type View } from "./route";
import { csrf, listed, me, named, owned, ready, threaded, workspace } from "./state";
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
        <Mine />
        <Section name="Channels" conversations={channels}>
          <button
            type="button"
            class="tool"
            aria-label="Look for channels"
            title="Look for channels"
            onClick={() => ask("channels", {})}
          >
            <Icon of="compass" size={15} />
          </button>
        </Section>
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

/** Lead to my lists. */
function Mine() {
  threaded.value;
  for (const kind of ["draft", "schedule"]) owned(kind).value;
  if (!ready.value) return null;
  const drafts = workspace.own.all("draft").length;
  const later = workspace.own.all("schedule").length;
  return (
    <ul>
      <MyEntry view="threads" name="Threads" icon="thread" count={workspace.threads.unread()} isNews />
      <MyEntry view="saved" name="Saved" icon="saved" />
      <MyEntry view="drafts" name="Drafts" icon="pencil" count={drafts} />
      <MyEntry view="later" name="To be sent" icon="clock" count={later} />
    </ul>
  );
}

interface MyEntryProps {
  view: View;
  name: string;
  icon: Drawing;
  count?: number;
  isNews?: boolean;
}

function MyEntry({ view, name, icon, count = 0, isNews = false }: MyEntryProps) {
  return (
    <li>
      <a
        href={addressOfView(view)}
        class={`entry${isNews && count > 0 ? " unread" : ""}`}
        aria-current={route.value.view === view ? "page" : undefined}
        onClick={(event) => follow(event, { view })}
      >
        <Icon of={icon} size={15} />
        <span class="name">{name}</span>
        {count > 0 && (
          <span class={isNews ? "badge" : "unreads"}>
            {atMost(count)}
            {isNews && <span class="unseen"> with news</span>}
          </span>
        )}
      </a>
    </li>
  );
}

interface SectionProps {
  name: string;
  conversations: Conversation[];
  children?: ComponentChildren;
}

function Section({ name, conversations, children }: SectionProps) {
  if (!ready.value || (conversations.length === 0 && !children)) return null;
  return (
    <section>
      <header>
        <h2>{name}</h2>
        {children}
      </header>
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
  owned("level").value;
  const partner = kind === "direct" ? conversation.users?.[0] : undefined;
  const level = workspace.own.get("level", `${id}`)?.level ?? "all";
  // A direct message is always for me, and counts as a mention does; unless I want to hear less of it.
  const badge = level === "none" ? 0 : kind === "channel" || level === "mentions" ? mentions : unread;
  const isLoud = badge > 0 || (unread > 0 && level === "all");
  return (
    <a
      href={addressOf(id)}
      class={`entry${isLoud ? " unread" : ""}${level === "none" ? " hushed" : ""}`}
      aria-current={here ? "page" : undefined}
      onClick={(event) => follow(event, { conversation: id })}
    >
      <Sign conversation={conversation} />
      <span class="name">{titleOf(conversation)}</span>
      {partner && <Mood user={partner.id} />}
      {level === "none" && <Icon of="quiet" size={13} />}
      {badge > 0 ? (
        <span class="badge">
          {atMost(badge)}
          <span class="unseen">{badge === mentions && kind === "channel" ? " mentions" : " unread"}</span>
        </span>
      ) : (
        unread > 0 &&
        level !== "none" && (
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
  const user = users[0]?.id ?? me()?.id ?? 0;
  return (
    <span class="with-dot">
      <Face user={user} small />
      <Dot user={user} />
    </span>
  );
}

/** Show the emoji with which a person says how they are. */
function Mood({ user }: { user: number }) {
  named.value;
  const words = conditionOf(user);
  const emoji = words && workspace.people.get(user)?.status?.emoji;
  return emoji ? (
    <span class="mood" title={words}>
      {emoji}
    </span>
  ) : null;
}

/** Show who is signed in, with the theme and the way out. */
function Self() {
  listed.value; // the server says with the first list who I am
  const self = me();
  const [anchor, setAnchor] = useState<HTMLElement>();
  owned("status").value;
  const status = workspace.own.get("status", "");
  if (!self) return null;
  const look = { system: "as the device", light: "light", dark: "dark" }[theme.value];
  return (
    <footer class="self">
      <button type="button" class="me" aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        <Face user={self.id} />
        <span class="who">
          <span class="unseen">You: </span>
          <b>{self.name || self.username}</b>
          <span>{status ? `${status.emoji ?? ""} ${status.text ?? ""}`.trim() : `@${self.username}`}</span>
        </span>
      </button>
      {anchor && (
        <Menu
          anchor={anchor}
          label="You"
          choices={[
            [{ label: "How I am…", icon: "smile", act: () => ask("status", {}) }],
            [
              { label: "Privacy…", icon: "eye", act: () => ask("privacy", {}) },
              { label: "What I reported", icon: "flag", act: () => go({ view: "reported" }) },
            ],
          ]}
          close={() => setAnchor(undefined)}
        />
      )}
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

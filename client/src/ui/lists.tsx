import { useEffect, useState } from "preact/hooks";
import type { Values } from "../sync/own";
import type { Thread } from "../sync/wire";
import { excerpt } from "../text/excerpt";
import { useCited } from "./cited";
import { Back } from "./conversation";
import { ask } from "./dialogs";
import { Icon } from "./icon";
import { Cited, Empty, Item, titleAt } from "./item";
import { Loading, Trouble } from "./loading";
import { Face } from "./person";
import { Reported } from "./reported";
import type { View } from "./route";
import { named, nameOf, owned, threaded, workspace } from "./state";
import { dueOf, figure, momentOf, whenOf } from "./time";

const NAMES: Record<View, string> = {
  threads: "Threads",
  saved: "Saved",
  drafts: "Drafts",
  later: "To be sent",
  reported: "What I reported",
};

/** Show a list of mine: threads, what I saved, what I am writing, what is to be sent later, what I reported. */
export default function MyList({ view }: { view: View }) {
  named.value;
  return (
    <main class="stage">
      <div class="page">
        <header class="bar">
          <Back />
          <h1>{NAMES[view]}</h1>
        </header>
        <div class="mine-list">
          {view === "threads" && <Threads />}
          {view === "saved" && <Saved />}
          {view === "drafts" && <Drafts />}
          {view === "later" && <Later />}
          {view === "reported" && <Reported />}
        </div>
      </div>
    </main>
  );
}

function Threads() {
  threaded.value;
  const [trouble, setTrouble] = useState<string>();
  const [isAsked, setAsked] = useState(false);
  const load = (anew: boolean) => {
    setTrouble(undefined);
    workspace.threads.more(anew).then(
      () => setAsked(true),
      (error: Error) => setTrouble(error.message),
    );
  };
  useEffect(() => load(true), []);
  const threads = workspace.threads.followed();
  if (trouble !== undefined && threads.length === 0) return <Trouble detail={trouble} again={() => load(true)} />;
  if (threads.length === 0)
    return isAsked ? (
      <Empty title="No threads yet">You follow a thread once you say something in it, or are mentioned there.</Empty>
    ) : (
      <Loading />
    );
  return (
    <>
      <ul aria-label="Threads">
        {threads.map((thread) => (
          <ThreadItem key={`${thread.conversation}/${thread.root}`} thread={thread} />
        ))}
      </ul>
      {workspace.threads.cursor && (
        <button type="button" class="button" onClick={() => load(false)}>
          Show more
        </button>
      )}
    </>
  );
}

function ThreadItem({ thread }: { thread: Thread }) {
  const { conversation, root, replies, unread, last_reply_at, participants } = thread;
  const message = useCited(conversation, root);
  return (
    <Item
      to={{ conversation, seq: root, thread: root }}
      user={message?.user}
      isNew={unread > 0}
      facts={
        <>
          <b>{message ? nameOf(message.user) : titleAt(conversation)}</b>
          {message && <span>{titleAt(conversation)}</span>}
          {unread > 0 && (
            <span class="badge">
              {figure(unread)}
              <span class="unseen"> new</span>
            </span>
          )}
        </>
      }
      deeds={
        <p class="under">
          {participants.slice(0, 5).map((user) => (
            <Face key={user} user={user} small />
          ))}
          {replies === 1 ? "1 reply" : `${figure(replies)} replies`}
          {last_reply_at && `, last ${whenOf(last_reply_at)}`}
        </p>
      }
    >
      <Cited conversation={conversation} seq={root} />
    </Item>
  );
}

function Saved() {
  owned("save").value;
  const saved = workspace.own.all("save");
  if (saved.length === 0)
    return <Empty title="Nothing saved">Save a message from its menu to find it here, on each of your devices.</Empty>;
  return (
    <ul aria-label="Saved">
      {saved.map(({ key, value }) => (
        <SavedItem key={key} {...value} />
      ))}
    </ul>
  );
}

function SavedItem({ where, message: seq }: Values["save"]) {
  const message = useCited(where, seq);
  return (
    <Item
      to={{ conversation: where, seq }}
      user={message?.user}
      facts={
        <>
          <b>{message ? nameOf(message.user) : titleAt(where)}</b>
          {message && <span>{titleAt(where)}</span>}
          {message && <span>{whenOf(message.at)}</span>}
        </>
      }
      deeds={
        <button
          type="button"
          class="tool"
          aria-label="Take out of saved"
          title="Take out of saved"
          onClick={() => workspace.own.put({ type: "save", where, message: seq, on: false })}
        >
          <Icon of="close" />
        </button>
      }
    >
      <Cited conversation={where} seq={seq} />
    </Item>
  );
}

function Drafts() {
  owned("draft").value;
  const drafts = workspace.own.all("draft");
  if (drafts.length === 0) return <Empty title="No drafts">What you begin to write and don’t send is kept here.</Empty>;
  return (
    <ul aria-label="Drafts">
      {drafts.map(({ key, value: { where, thread, body } }) => (
        <Item
          key={key}
          to={{ conversation: where, thread }}
          facts={
            <>
              <b>{titleAt(where)}</b>
              {thread !== undefined && <span>in a thread</span>}
            </>
          }
          deeds={
            <button
              type="button"
              class="tool"
              aria-label="Discard this draft"
              title="Discard this draft"
              onClick={() => workspace.drafts.clear(where, thread)}
            >
              <Icon of="trash" />
            </button>
          }
        >
          {excerpt(body ?? "", nameOf)}
        </Item>
      ))}
    </ul>
  );
}

function Later() {
  owned("schedule").value;
  const later = workspace.own.all("schedule").sort((a, b) => a.value.due_at.localeCompare(b.value.due_at));
  if (later.length === 0)
    return <Empty title="Nothing to be sent">The clock beside Send lets you choose when a message goes out.</Empty>;
  return (
    <ul aria-label="To be sent">
      {later.map(({ key, value }) => (
        <Item
          key={key}
          to={{ conversation: value.where, thread: value.thread }}
          facts={
            <>
              <b>{titleAt(value.where)}</b>
              {value.thread !== undefined && <span>in a thread</span>}
              <span title={momentOf(value.due_at)}>{dueOf(value.due_at)}</span>
            </>
          }
          deeds={
            <span class="deeds">
              <button type="button" class="button" onClick={() => ask("later", { scheduled: value })}>
                Change
              </button>
              <button
                type="button"
                class="button"
                onClick={() => workspace.own.put({ type: "unschedule", schedule: value.schedule })}
              >
                Take back
              </button>
            </span>
          }
        >
          {excerpt(value.body, nameOf)}
        </Item>
      ))}
    </ul>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { Composer } from "./composer";
import { Icon } from "./icon";
import { Loading, Trouble } from "./loading";
import { Members } from "./members";
import { go, route, togglePanel } from "./route";
import { listed, ready, turns, workspace } from "./state";
import { Thread } from "./thread";
import { figure } from "./time";
import { Timeline } from "./timeline";
import { markedTitle, titleOf } from "./title";

/** Show one conversation, and what is open beside it. */
export function ConversationView({ id }: { id: number }) {
  turns(id).value;
  listed.value;
  const conversation = workspace.store.conversations.get(id);
  const [trouble, setTrouble] = useState<{ status?: number; message: string }>();
  const meet = () => {
    setTrouble(undefined);
    workspace.meet(id).catch(setTrouble);
  };
  useEffect(() => {
    setTrouble(undefined);
    if (ready.value && !conversation) meet();
  }, [id, ready.value, conversation === undefined]);

  if (conversation) return <Known conversation={conversation} />;
  return (
    <main class="stage">
      <div class="page">
        <header class="bar">
          <Back />
          <h1 class="unseen">Conversation</h1>
        </header>
        {!trouble ? (
          <Loading />
        ) : trouble.status === 404 ? (
          <NoAccess />
        ) : (
          <Trouble detail={trouble.message} again={meet} />
        )}
      </div>
    </main>
  );
}

function Known({ conversation }: { conversation: Conversation }) {
  const { id } = conversation;
  const { seq, thread, panel } = route.value;
  useEffect(() => {
    workspace.members.learn(id).catch(() => undefined);
  }, [id]);
  const posted = () => {
    if (route.value.seq !== undefined) go({ ...route.value, seq: undefined }, "replace");
  };
  return (
    <main class="stage">
      <div class="page">
        <Head conversation={conversation} />
        <Timeline key={id} conversation={conversation} target={seq} />
        {conversation.is_archived ? (
          <p class="closed">This conversation is archived: it can be read, and nothing can be added.</p>
        ) : (
          <Composer conversation={id} label={`Message ${markedTitle(conversation)}`} verb="Send" sent={posted} />
        )}
      </div>
      {thread !== undefined && <Thread conversation={conversation} root={thread} />}
      {panel === "members" && thread === undefined && <Members conversation={conversation} />}
    </main>
  );
}

function Head({ conversation }: { conversation: Conversation }) {
  const { id, kind, is_private, topic } = conversation;
  turns(id).value;
  const count = workspace.members.count(id);
  return (
    <header class="bar">
      <Back />
      <h1>
        {kind === "channel" && <Icon of={is_private ? "lock" : "hash"} />}
        {titleOf(conversation)}
      </h1>
      <span class="topic" title={topic}>
        {topic}
      </span>
      <button
        type="button"
        class="fact"
        aria-label={count === undefined ? "Members" : `${figure(count)} members`}
        title="Members"
        aria-pressed={route.value.panel === "members"}
        onClick={togglePanel}
      >
        <Icon of="members" />
        {count !== undefined && figure(count)}
      </button>
    </header>
  );
}

/** On a phone one thing is shown at a time: this leads back to the list. */
function Back() {
  return (
    <button type="button" class="back" aria-label="Back to conversations" onClick={() => go({})}>
      <Icon of="back" size={22} />
    </button>
  );
}

function NoAccess() {
  return (
    <div class="empty" role="alert">
      <h2>Not here for you</h2>
      <p>This conversation does not exist, or you are not in it. Somebody who is can add you.</p>
      <button type="button" class="button" onClick={() => go({})}>
        Go to your conversations
      </button>
    </div>
  );
}

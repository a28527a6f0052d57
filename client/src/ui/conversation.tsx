import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { useClosed } from "./closed";
import { Composer } from "./composer";
import { type Drawing, Icon } from "./icon";
import { lazily } from "./lazy";
import { Loading, Trouble } from "./loading";
import { Members } from "./members";
import { Typing, Where } from "./presence";
import { go, type Panel, route, togglePanel } from "./route";
import { listed, ready, turns, workspace } from "./state";
import { Thread } from "./thread";
import { figure } from "./time";
import { Timeline } from "./timeline";
import { markedTitle, titleOf } from "./title";

const Details = lazily(() => import("./details"));
const Pins = lazily(() => import("./pins"));

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
  const closed = useClosed(conversation);
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
        <Typing conversation={id} />
        {closed ? (
          <p class="closed">{closed}</p>
        ) : (
          <Composer
            conversation={conversation}
            label={`Message ${markedTitle(conversation)}`}
            verb="Send"
            sent={posted}
          />
        )}
      </div>
      {thread !== undefined && <Thread conversation={conversation} root={thread} />}
      {thread === undefined && panel === "members" && <Members conversation={conversation} />}
      {thread === undefined && panel === "pins" && <Pins conversation={conversation} />}
      {thread === undefined && panel === "details" && <Details conversation={conversation} />}
    </main>
  );
}

function Head({ conversation }: { conversation: Conversation }) {
  const { id, kind, is_private, topic } = conversation;
  turns(id).value;
  const count = workspace.members.count(id);
  const partner = kind === "direct" ? conversation.users?.[0] : undefined;
  return (
    <header class="bar">
      <Back />
      <h1>
        {kind === "channel" && <Icon of={is_private ? "lock" : "hash"} />}
        {titleOf(conversation)}
      </h1>
      {partner ? (
        <span class="topic where">
          <Where user={partner.id} />
        </span>
      ) : (
        <span class="topic" title={topic}>
          {topic}
        </span>
      )}
      <Aside panel="pins" name="Pinned" icon="pin" />
      {kind !== "direct" && (
        <Aside
          panel="members"
          name={count === undefined ? "Members" : `${figure(count)} members`}
          icon="members"
          words={count === undefined ? "" : figure(count)}
        />
      )}
      <Aside panel="details" name="Details" icon="info" />
    </header>
  );
}

/** Lead to something beside the conversation. */
function Aside({ panel, name, icon, words = "" }: { panel: Panel; name: string; icon: Drawing; words?: string }) {
  return (
    <button
      type="button"
      class="fact"
      aria-label={name}
      title={name}
      aria-pressed={route.value.panel === panel && route.value.thread === undefined}
      onClick={() => togglePanel(panel)}
    >
      <Icon of={icon} />
      {words}
    </button>
  );
}

/** On a phone one thing is shown at a time: this leads back to the list. */
export function Back() {
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

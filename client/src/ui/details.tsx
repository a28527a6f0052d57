import type { ComponentChildren } from "preact";
import type { Conversation, ConversationChange } from "../sync/wire";
import { BesideHead } from "./beside";
import { ask } from "./dialogs";
import { useFocusBack } from "./focus";
import { Icon } from "./icon";
import { Notifying } from "./notifying";
import { PartHead } from "./part";
import { Restrained } from "./restrained";
import { go } from "./route";
import { Rules } from "./rules";
import { me, nameOf, owned, turns, workspace } from "./state";
import { say } from "./toast";

/** Change a conversation; what is refused is said. */
export async function change(id: number, fields: ConversationChange): Promise<void> {
  try {
    await workspace.api.change(id, fields);
  } catch (error) {
    say((error as Error).message);
  }
}

/** Show what a conversation is about and how it goes there, and let those who may change it. */
export default function Details({ conversation }: { conversation: Conversation }) {
  const { id, kind, role, topic, purpose, name } = conversation;
  useFocusBack();
  turns(id).value;
  const isRoom = kind !== "direct";
  const moderates = role !== "member";
  const isOpen = !conversation.is_archived;
  return (
    <aside class="beside details" aria-label="Details">
      <BesideHead name="Details" conversation={conversation} />
      <div class="sheet">
        {isRoom && (
          <section>
            <Fact
              name="Name"
              value={name}
              may={moderates && isOpen}
              edit={() => ask("words", { conversation, field: "name" })}
            />
            <Fact name="Topic" value={topic} may={isOpen} edit={() => ask("words", { conversation, field: "topic" })} />
            <Fact
              name="Purpose"
              value={purpose}
              may={isOpen}
              edit={() => ask("words", { conversation, field: "purpose" })}
            />
          </section>
        )}
        <Notifying conversation={conversation} />
        <Rules conversation={conversation} />
        {isRoom && moderates && <Restrained conversation={conversation} />}
        <section>
          <PartHead>{isRoom ? "This conversation" : "The two of you"}</PartHead>
          {isRoom ? <RoomDeeds conversation={conversation} /> : <DirectDeeds conversation={conversation} />}
        </section>
      </div>
    </aside>
  );
}

function Fact({ name, value, may, edit }: { name: string; value?: string; may: boolean; edit: () => void }) {
  return (
    <div class="pair">
      <PartHead>{name}</PartHead>
      <p>{value || <span class="none">None yet</span>}</p>
      {may && (
        <button type="button" class="quiet" aria-label={`Change the ${name.toLowerCase()}`} onClick={edit}>
          Change
        </button>
      )}
    </div>
  );
}

function Deed({ act, isGrave = false, children }: { act: () => void; isGrave?: boolean; children: ComponentChildren }) {
  return (
    <button type="button" class={`button${isGrave ? " grave" : ""}`} onClick={act}>
      {children}
    </button>
  );
}

function RoomDeeds({ conversation }: { conversation: Conversation }) {
  const { id, kind, role, is_private, is_archived } = conversation;
  const owns = role === "owner";
  const leave = async () => {
    await workspace.api.removeMember(id, me()!.id);
    go({});
  };
  return (
    <div class="choices">
      {!is_archived && <Deed act={() => ask("add", { conversation })}>Add people…</Deed>}
      {owns && kind === "channel" && !is_private && !is_archived && (
        <Deed
          act={() =>
            ask("sure", {
              title: "Make this channel private?",
              words:
                "Only its members will know that it exists, and who joins has to be added. It can’t be made public again.",
              verb: "Make private",
              act: () => workspace.api.change(id, { private: true }),
            })
          }
        >
          <Icon of="lock" size={14} /> Make private…
        </Deed>
      )}
      {owns && (
        <Deed
          act={() =>
            is_archived
              ? void change(id, { archived: false })
              : ask("sure", {
                  title: "Archive this conversation?",
                  words: "It can still be read, and nothing can be added. You can open it again.",
                  verb: "Archive",
                  act: () => workspace.api.change(id, { archived: true }),
                })
          }
        >
          {is_archived ? "Open again" : "Archive…"}
        </Deed>
      )}
      <Deed
        isGrave
        act={() =>
          ask("sure", {
            title: "Leave this conversation?",
            words: is_private
              ? "You can come back only if somebody adds you. What you said stays."
              : "You can join it again. What you said stays.",
            verb: "Leave",
            isGrave: true,
            act: leave,
          })
        }
      >
        Leave…
      </Deed>
    </div>
  );
}

function DirectDeeds({ conversation }: { conversation: Conversation }) {
  owned("block").value;
  const user = conversation.users?.[0]?.id;
  if (user === undefined) return <p class="none">This is a place for notes to yourself.</p>;
  const isBlocked = workspace.own.get("block", `${user}`) !== undefined;
  return (
    <>
      <Deed isGrave={!isBlocked} act={() => void workspace.own.put({ type: "block", person: user, on: !isBlocked })}>
        {isBlocked ? `Let ${nameOf(user)} write to you` : `Block ${nameOf(user)}`}
      </Deed>
      <p class="fine">
        {isBlocked
          ? "You take no direct messages from them. They are not told why."
          : "Blocking stops their direct messages to you. What was said stays, and rooms with others are not concerned."}
      </p>
    </>
  );
}

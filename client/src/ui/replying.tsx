import { useMemo } from "preact/hooks";
import { excerpt } from "../text/excerpt";
import { Icon } from "./icon";
import { openThread } from "./route";
import { nameOf, turns, workspace } from "./state";
import { figure } from "./time";

/** Name the message that a reply answers; fetched where it lies outside what is held. */
export function ReplyTo({ conversation, root }: { conversation: number; root: number }) {
  turns(conversation).value;
  const message = workspace.store.kept(conversation)?.message(root);
  useMemo(() => {
    if (!message) workspace.history.root(conversation, root).catch(() => undefined);
  }, [conversation, root]);
  return (
    <button type="button" class="answers" onClick={() => openThread(root)}>
      <Icon of="reply" size={13} />
      <span>
        in reply to {message ? <b>{nameOf(message.user)}</b> : `§ ${figure(root)}`}
        {message && `: ${message.deleted_at ? "a deleted message" : excerpt(message.body, nameOf)}`}
      </span>
    </button>
  );
}

/** Say of a reply below another of its thread that it is one too. */
export function InThread({ root }: { root: number }) {
  return (
    <button
      type="button"
      class="same"
      aria-label="Also in this thread: open it"
      title="Also in this thread"
      onClick={() => openThread(root)}
    >
      <Icon of="reply" size={13} />
    </button>
  );
}

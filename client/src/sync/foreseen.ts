import { amend } from "./fold";
import type { Outgoing } from "./outbox";
import type { LogEvent, Message } from "./wire";

/** Give a message as it will be once my commands that are on their way have arrived. */
export function foreseen(message: Message, pending: Outgoing[], me: number): Message {
  let after = message;
  for (const item of pending) {
    const event = eventOf(item, me);
    if (event && "target" in event && event.target === message.seq) after = amend(after, event);
  }
  return after;
}

/** Give my edit of a message that was refused, if there is one. */
export function refusedEdit(message: Message, pending: Outgoing[]): Outgoing | undefined {
  return pending.find(
    (item) => item.state === "failed" && item.frame.type === "edit" && item.frame.seq === message.seq,
  );
}

function eventOf({ id, at, state, frame }: Outgoing, me: number): LogEvent | undefined {
  if (state === "failed") return undefined;
  const common = { seq: Number.POSITIVE_INFINITY, id, user: me, at };
  switch (frame.type) {
    case "edit":
      return { ...common, kind: "edit", conversation: frame.conversation, target: frame.seq, body: frame.body };
    case "delete":
      return { ...common, kind: "delete", conversation: frame.conversation, target: frame.seq };
    case "react": {
      const { conversation, emoji, on } = frame;
      return { ...common, kind: "react", conversation, target: frame.seq, emoji, on };
    }
    case "pin":
      return { ...common, kind: "pin", conversation: frame.conversation, target: frame.seq, on: frame.on };
    default:
      return undefined;
  }
}

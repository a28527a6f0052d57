import type { Message } from "../sync/wire";
import { namesOf } from "./person";
import { me, named, workspace } from "./state";

/** Put an emoji to a message, or take mine back. */
export function react(message: Message, emoji: string): void {
  const mine = message.reactions?.find((one) => one.emoji === emoji)?.users.includes(me()?.id ?? 0) ?? false;
  const { conversation, seq } = message;
  workspace.outbox.put({ type: "react", conversation, seq, emoji, on: !mine });
}

/** Show what people put to a message: how many, who, and whether I did. */
export function Reactions({ message }: { message: Message }) {
  named.value;
  if (!message.reactions?.length) return null;
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, users }) => {
        const isMine = users.includes(me()?.id ?? 0);
        return (
          <li key={emoji}>
            <button
              type="button"
              class={isMine ? "mine" : ""}
              aria-pressed={isMine}
              aria-label={`${emoji} ${users.length}: ${namesOf(users)}`}
              title={`${namesOf(users)}. ${isMine ? "Take yours back" : "Add yours"}`}
              onClick={() => react(message, emoji)}
            >
              <span>{emoji}</span> <span class="figure">{users.length}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

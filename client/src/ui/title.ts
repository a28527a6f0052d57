import type { Conversation } from "../sync/wire";
import { me } from "./state";

/** Name a conversation: by its name, or by the people in it. */
export function titleOf(conversation: Conversation): string {
  if (conversation.name) return conversation.name;
  const names = (conversation.users ?? []).map((person) => person.name || person.username);
  return names.length > 0 ? names.join(", ") : `${me()?.name ?? "You"} (you)`;
}

/** Name a conversation with the mark of a channel. */
export function markedTitle(conversation: Conversation): string {
  return conversation.kind === "channel" ? `#${titleOf(conversation)}` : titleOf(conversation);
}

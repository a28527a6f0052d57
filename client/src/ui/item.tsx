import type { ComponentChildren } from "preact";
import { excerpt } from "../text/excerpt";
import { useCited } from "./cited";
import { Face } from "./person";
import { addressOf, follow, type Route } from "./route";
import { nameOf, workspace } from "./state";
import { markedTitle } from "./title";

interface ItemProps {
  to: Route;
  user?: number;
  facts: ComponentChildren;
  isNew?: boolean;
  children: ComponentChildren;
  deeds?: ComponentChildren;
}

/** One line that leads to what it speaks of. */
export function Item({ to, user, facts, isNew = false, children, deeds }: ItemProps) {
  return (
    <li class={isNew ? "item unread" : "item"}>
      <a href={addressOf(to.conversation!, to.seq)} onClick={(event) => follow(event, to)}>
        {user === undefined ? <span class="no-face" /> : <Face user={user} />}
        <span class="what">
          <span class="facts">{facts}</span>
          <span class="words">{children}</span>
        </span>
      </a>
      {deeds}
    </li>
  );
}

/** Name the conversation that a line speaks of. */
export function titleAt(where: number): string {
  const conversation = workspace.store.conversations.get(where);
  return conversation ? markedTitle(conversation) : "A conversation that you are no longer in";
}

/** Say that a list has nothing yet, and how something comes into it. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  );
}

/** The words of a message in a line. */
export function Cited({ conversation, seq }: { conversation: number; seq: number }) {
  const message = useCited(conversation, seq);
  if (message === undefined) return <>…</>;
  if (message === null) return <i>No longer shown</i>;
  return message.deleted_at === undefined ? excerpt(message.body, nameOf) : <i>A deleted message</i>;
}

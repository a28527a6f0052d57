import type { ComponentChildren } from "preact";
import type { Conversation } from "../sync/wire";
import { Icon } from "./icon";
import { isPhone } from "./phone";
import { closeBeside } from "./route";
import { markedTitle } from "./title";

/** Head what is open beside a conversation; on a phone that is hidden meanwhile, and this heads the page. */
export function BesideHead({
  name,
  conversation,
  children,
}: {
  name: string;
  conversation: Conversation;
  children?: ComponentChildren;
}) {
  return (
    <header class="bar">
      <h2 aria-level={isPhone.value ? 1 : undefined}>{name}</h2>
      <span class="topic">{markedTitle(conversation)}</span>
      {children}
      <button
        type="button"
        class="tool"
        aria-label={`Close ${name.toLowerCase()}`}
        title="Close (Esc)"
        onClick={closeBeside}
      >
        <Icon of="close" />
      </button>
    </header>
  );
}

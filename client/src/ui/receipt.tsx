import { useEffect } from "preact/hooks";
import type { Message } from "../sync/wire";
import { ask } from "./dialogs";
import { Icon } from "./icon";
import { phase, turns, workspace } from "./state";
import { figure, whenOf } from "./time";

/** Say of my last message how far it has got; it leads to who, and when. */
export function Receipt({ message }: { message: Message }) {
  const { conversation, seq } = message;
  turns(conversation).value;
  const isLive = phase.value === "live";
  useEffect(() => {
    // What came while the line was cut is not told again.
    if (isLive && !workspace.receipts.isNew(conversation, seq)) {
      workspace.receipts.follow(conversation, seq).catch(() => undefined);
    }
  }, [conversation, seq, isLive]);
  const { words, isFar } = wordsFor(message);
  return (
    <button type="button" class="receipt" title="Who has read it" onClick={() => ask("reached", { message })}>
      <Icon of={isFar ? "checks" : "check"} size={13} /> {words}
    </button>
  );
}

function wordsFor({ conversation, seq }: Message): { words: string; isFar: boolean } {
  const reached = workspace.receipts.of(conversation, seq);
  const read = reached.filter((one) => one.read_at !== undefined);
  const others = othersIn(conversation);
  if (reached.length === 0) return { words: "Sent", isFar: false };
  if (others === 1) {
    const at = read[0]?.read_at;
    return { words: at ? `Read ${whenOf(at)}` : "Delivered", isFar: true };
  }
  const count = read.length > 0 ? read.length : reached.length;
  const whom = count === others ? "all" : `${figure(count)} of ${figure(others)}`;
  return { words: read.length > 0 ? `Read by ${whom}` : `Delivered to ${whom}`, isFar: true };
}

function othersIn(id: number): number {
  const conversation = workspace.store.conversations.get(id);
  if (conversation?.kind === "direct") return 1;
  const members = workspace.members.count(id);
  return members === undefined ? (conversation?.users?.length ?? 1) : members - 1;
}

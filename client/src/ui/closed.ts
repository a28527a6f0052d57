import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../sync/wire";
import { me, workspace } from "./state";
import { dueOf } from "./time";

/** Say why nothing can be written in a conversation; nothing where it can. */
export function useClosed(conversation: Conversation): string | undefined {
  const { is_archived, is_read_only, role, muted_until } = conversation;
  const mutedFor = muted_until ? Date.parse(muted_until) - Date.now() : 0;
  useAgain(mutedFor);
  if (is_archived) return "This conversation is archived: it can be read, and nothing can be added.";
  if (mutedFor > 0) return `You are muted here until ${dueOf(muted_until!)}: you can read, and write again then.`;
  if (is_read_only && role === "member") return "Only owners and moderators write here. You can read, and react.";
  return undefined;
}

/** Give for how many more seconds slow mode keeps back what I would say next. */
export function useSlowness({ id, slow_s = 0, role }: Conversation): number {
  const waits = slow_s > 0 && role === "member";
  const said = waits ? lastSaid(id) : undefined;
  const left = said === undefined ? 0 : Math.ceil((said + slow_s * 1000 - Date.now()) / 1000);
  useAgain(left > 0 ? 1000 : 0);
  return Math.min(Math.max(left, 0), slow_s);
}

function lastSaid(id: number): number | undefined {
  const log = workspace.store.kept(id);
  const seq = log?.window.findLast((one) => log.message(one)?.user === me()?.id);
  const said = seq === undefined ? undefined : log?.message(seq);
  return said && Date.parse(said.at);
}

/** Draw again after a while. */
function useAgain(afterMs: number): void {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (afterMs <= 0) return;
    const timer = setTimeout(() => setTurn(turn + 1), Math.min(afterMs, 86_400_000));
    return () => clearTimeout(timer);
  }, [turn, afterMs > 0]);
}

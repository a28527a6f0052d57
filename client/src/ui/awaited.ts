import { foreseen, refusedEdit } from "../sync/foreseen";
import type { Entry } from "../sync/log";
import type { Outgoing } from "../sync/outbox";
import type { Message } from "../sync/wire";
import { me, workspace } from "./state";

/** Give messages as they will be once what I did to them has arrived; those that nothing is done to stay the same. */
export function awaited<T extends Entry>(conversation: number, entries: T[]): T[] {
  const pending = workspace.outbox.pending(conversation).filter((item) => item.frame.type !== "send");
  if (pending.length === 0) return entries;
  const self = me()?.id ?? 0;
  return entries.map((entry) => (entry.kind === "message" ? (foreseen(entry, pending, self) as T) : entry));
}

/** Tell of each message whether my edit of it was refused. */
export function refusals(conversation: number): { refused?: (message: Message) => Outgoing | undefined } {
  const failed = workspace.outbox.pending(conversation).filter((item) => item.state === "failed");
  return failed.length === 0 ? {} : { refused: (message) => refusedEdit(message, failed) };
}

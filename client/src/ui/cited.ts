import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Message } from "../sync/wire";
import { turns, workspace } from "./state";

/** Messages outside what is held, by conversation and seq; null for one that is not shown. */
const fetched = new Map<string, Message | null>();
const under = new Set<string>();
const turned = signal(0);

/** Give a message that a list speaks of: undefined while it is on its way, null where it is not to be had. */
export function useCited(conversation: number, seq: number): Message | null | undefined {
  turns(conversation).value;
  turned.value;
  const held = workspace.store.kept(conversation)?.message(seq);
  const key = `${conversation}/${seq}`;
  useEffect(() => {
    if (!held) void fetchOne(conversation, seq, key);
  }, [key, held === undefined]);
  return held ?? fetched.get(key);
}

async function fetchOne(conversation: number, seq: number, key: string): Promise<void> {
  if (under.has(key)) return;
  under.add(key);
  try {
    const page = await workspace.api.messages(conversation, { before: seq + 1, limit: 1 });
    const message = page.messages[0];
    fetched.set(key, message?.seq === seq ? message : null);
  } catch {
    fetched.set(key, null);
  }
  under.delete(key);
  turned.value += 1;
}

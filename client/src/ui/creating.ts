import { go } from "./route";
import { workspace } from "./state";

/** Open the direct conversation with a person, or a group with several. */
export async function createDirect(members: number[]): Promise<void> {
  const kind = members.length > 1 ? "group" : "direct";
  await enter({ kind, name: "", private: true, members });
}

/** Create a channel and open it. */
export async function createChannel(name: string, isPrivate: boolean, members: number[]): Promise<void> {
  await enter({ kind: "channel", name, private: isPrivate, members });
}

async function enter(wanted: Parameters<typeof workspace.api.create>[0]): Promise<void> {
  const conversation = await workspace.api.create(wanted);
  workspace.people.add(conversation.users ?? []);
  workspace.store.adopt(conversation);
  go({ conversation: conversation.id });
}

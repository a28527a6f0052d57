import { useState } from "preact/hooks";
import type { Conversation, Person } from "../../sync/wire";
import { Dialog } from "../dialog";
import { Picker } from "../picker";
import { workspace } from "../state";

/** Add people to a conversation. */
export default function Add({ conversation, close }: { conversation: Conversation; close: () => void }) {
  const [chosen, setChosen] = useState<Person[]>([]);
  const add = async () => {
    for (const person of chosen) {
      await workspace.api.addMember(conversation.id, person.id);
      setChosen((left) => left.filter((one) => one !== person));
    }
  };
  return (
    <Dialog title="Add people" close={close} verb="Add" isReady={chosen.length > 0} act={add}>
      <Picker label="Who" chosen={chosen} choose={setChosen} />
    </Dialog>
  );
}

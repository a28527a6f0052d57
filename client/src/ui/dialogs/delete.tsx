import type { Message } from "../../sync/wire";
import { Dialog } from "../dialog";
import { me, nameOf, workspace } from "../state";

/** Ask whether a message is to be deleted. */
export default function Delete({ message, close }: { message: Message; close: () => void }) {
  const { conversation, seq, user } = message;
  const remove = () => void workspace.outbox.put({ type: "delete", conversation, seq });
  return (
    <Dialog title="Delete this message?" close={close} verb="Delete" isGrave act={remove}>
      <p class="lead">
        {user === me()?.id ? "It" : `What ${nameOf(user)} said`} goes from everyone’s view. A line stays that says when,
        and by whom; the record keeps what was said.
      </p>
    </Dialog>
  );
}

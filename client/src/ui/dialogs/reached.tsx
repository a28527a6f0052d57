import { useEffect, useState } from "preact/hooks";
import type { Message, SeenBy } from "../../sync/wire";
import { Dialog } from "../dialog";
import { Loading } from "../loading";
import { Face } from "../person";
import { nameOf, workspace } from "../state";
import { figure, momentOf, whenOf } from "../time";

/** Show whom a message of mine has reached, who has read it, and when. */
export default function ReachedBy({ message, close }: { message: Message; close: () => void }) {
  const [found, setFound] = useState<SeenBy>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    workspace.api
      .receipts(message.conversation, message.seq)
      .then(setFound, (error: Error) => setTrouble(error.message));
  }, []);
  return (
    <Dialog title="Who has read it" close={close}>
      {trouble && <p role="alert">{trouble}</p>}
      {!found && !trouble && <Loading />}
      {found && (
        <>
          <p class="lead">
            Sent {momentOf(message.at)}. Of {figure(found.members)} others it reached {figure(found.delivered)}, and{" "}
            {figure(found.read)} have read it.
          </p>
          <ul class="people">
            {found.receipts?.map(({ user, delivered_at, read_at }) => (
              <li key={user}>
                <Face user={user} />
                <span class="who">
                  <b>{nameOf(user)}</b>
                  <span>
                    {read_at
                      ? `Read ${whenOf(read_at)}`
                      : delivered_at
                        ? `Delivered ${whenOf(delivered_at)}`
                        : "Delivered"}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

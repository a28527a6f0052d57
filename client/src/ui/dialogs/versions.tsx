import { useEffect, useState } from "preact/hooks";
import type { Message, Version } from "../../sync/wire";
import { Dialog } from "../dialog";
import { Loading } from "../loading";
import { Words } from "../message";
import { workspace } from "../state";
import { momentOf } from "../time";

/** Show what a message said before, the latest first. */
export default function Versions({ message, close }: { message: Message; close: () => void }) {
  const [versions, setVersions] = useState<Version[]>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    workspace.api.versions(message.conversation, message.seq).then(
      (page) => setVersions(page.versions.reverse()),
      (error: Error) => setTrouble(error.message),
    );
  }, []);
  return (
    <Dialog title="What it said" close={close}>
      {trouble && <p role="alert">{trouble}</p>}
      {!versions && !trouble && <Loading />}
      <ol class="versions">
        {versions?.map(({ seq, body, at }, index) => (
          <li key={seq}>
            <p class="at">
              {index === 0 ? "Now, since " : ""}
              <time dateTime={at}>{momentOf(at)}</time>
            </p>
            <Words body={body} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../sync/wire";
import { Dialog } from "../dialog";
import { Loading } from "../loading";
import { go } from "../route";
import { workspace } from "../state";
import { figure } from "../time";

const PAUSE_MS = 150;
const MOST_COUNTED = 1000;

/** Look through the public channels, and join one. */
export default function Channels({ close }: { close: () => void }) {
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<{ channels: Channel[]; cursor: string | null }>();
  const [trouble, setTrouble] = useState<string>();
  const fail = (error: Error) => setTrouble(error.message);
  useEffect(() => {
    let isStale = false;
    const timer = setTimeout(() => {
      setTrouble(undefined);
      workspace.api.channels(typed.trim()).then((page) => {
        if (!isStale) setFound(page);
      }, fail);
    }, PAUSE_MS);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [typed]);
  const more = () =>
    workspace.api.channels(typed.trim(), found?.cursor ?? undefined).then((page) => {
      setFound({ channels: [...(found?.channels ?? []), ...page.channels], cursor: page.cursor });
    }, fail);
  const enter = async ({ id, is_member }: Channel) => {
    try {
      if (!is_member) workspace.store.adopt(await workspace.api.join(id));
      close();
      go({ conversation: id });
    } catch (error) {
      fail(error as Error);
    }
  };
  return (
    <Dialog title="Channels" close={close}>
      <label class="field">
        <span>Look for</span>
        <input
          type="search"
          value={typed}
          placeholder="A channel’s name"
          autoComplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {trouble && <p role="alert">{trouble}</p>}
      {!found && !trouble && <Loading />}
      <ul class="channels" aria-label="Channels found">
        {found?.channels.map((channel) => (
          <li key={channel.id}>
            <span class="who">
              <b>#{channel.name}</b>
              <span>
                {figure(channel.members)}
                {channel.members >= MOST_COUNTED ? " or more" : ""} {channel.members === 1 ? "member" : "members"}
                {(channel.topic || channel.purpose) && ` · ${channel.topic || channel.purpose}`}
              </span>
            </span>
            <button
              type="button"
              class="button"
              aria-label={`${channel.is_member ? "Open" : "Join"} #${channel.name}`}
              onClick={() => void enter(channel)}
            >
              {channel.is_member ? "Open" : "Join"}
            </button>
          </li>
        ))}
        {found?.channels.length === 0 && <li class="none">There is no public channel of that name.</li>}
      </ul>
      {found?.cursor && (
        <button type="button" class="button" onClick={() => void more()}>
          Show more
        </button>
      )}
    </Dialog>
  );
}

import { useEffect, useRef, useState } from "preact/hooks";
import type { Person } from "../sync/wire";
import { createChannel, createDirect } from "./creating";
import { Icon } from "./icon";
import { Picker } from "./picker";

type Mode = "people" | "channel";

/** Begin a conversation: with people, or as a channel. */
export function NewConversation({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [mode, setMode] = useState<Mode>("people");
  const [chosen, setChosen] = useState<Person[]>([]);
  const [name, setName] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  // By the dialog's own way out the focus goes back to where it was.
  const leave = () => dialog.current?.close();

  const ready = mode === "people" ? chosen.length > 0 : channelName(name) !== "";
  const create = async () => {
    setBusy(true);
    setTrouble(undefined);
    const ids = chosen.map((person) => person.id);
    try {
      if (mode === "people") await createDirect(ids);
      else await createChannel(channelName(name), isPrivate, ids);
      leave();
    } catch (error) {
      setTrouble((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="new-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void create();
        }}
      >
        <header>
          <h2 id="new-title">New conversation</h2>
          <button type="button" class="tool" aria-label="Close" title="Close (Esc)" onClick={leave}>
            <Icon of="close" />
          </button>
        </header>
        <fieldset class="modes">
          <legend class="unseen">Kind</legend>
          {(["people", "channel"] as const).map((one) => (
            <label key={one} class={mode === one ? "on" : ""}>
              <input type="radio" name="mode" checked={mode === one} onChange={() => setMode(one)} />
              {one === "people" ? "Message people" : "Create a channel"}
            </label>
          ))}
        </fieldset>
        {mode === "channel" && (
          <>
            <label class="field">
              <span>Name</span>
              <input
                value={name}
                maxLength={80}
                autoComplete="off"
                onInput={(event) => setName(event.currentTarget.value)}
              />
              {name !== channelName(name) && channelName(name) !== "" && <small>Will be #{channelName(name)}</small>}
            </label>
            <label class="choice">
              <input
                type="checkbox"
                checked={isPrivate}
                onChange={(event) => setPrivate(event.currentTarget.checked)}
              />
              <span>
                Private
                <small>Only its members know that it exists.</small>
              </span>
            </label>
          </>
        )}
        <Picker label={mode === "people" ? "To" : "Members"} chosen={chosen} choose={setChosen} />
        {trouble && (
          <p class="state failed" role="alert">
            {trouble}
          </p>
        )}
        <footer>
          <button type="button" class="button" onClick={leave}>
            Cancel
          </button>
          <button type="submit" class="button main" disabled={!ready || busy}>
            {mode === "people" ? "Open conversation" : "Create channel"}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function channelName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^#+/, "")
    .replace(/[^\p{L}\p{N}_-]+/gu, "-")
    .replace(/^-+|-+$/g, "");
}

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";

interface Props {
  title: string;
  close: () => void;
  /** What the main button says; without one there is nothing to send. */
  verb?: string;
  isGrave?: boolean;
  isReady?: boolean;
  /** What the main button does; what goes wrong is said, and the dialog stays. */
  act?: () => unknown;
  children: ComponentChildren;
}

/** Ask for something, or show it, above everything else. */
export function Dialog({ title, close, verb, isGrave = false, isReady = true, act, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  // By the dialog's own way out the focus goes back to where it was.
  const leave = () => dialog.current?.close();
  const submit = async () => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await act?.();
      leave();
    } catch (error) {
      setTrouble((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) void submit();
        }}
      >
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="tool" aria-label="Close" title="Close (Esc)" onClick={leave}>
            <Icon of="close" />
          </button>
        </header>
        {children}
        {trouble && (
          <p class="state failed" role="alert">
            {trouble}
          </p>
        )}
        {verb && (
          <footer>
            <button type="button" class="button" onClick={leave}>
              Cancel
            </button>
            <button type="submit" class={`button ${isGrave ? "grave" : "main"}`} disabled={!isReady || isBusy}>
              {verb}
            </button>
          </footer>
        )}
      </form>
    </dialog>
  );
}

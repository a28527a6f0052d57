import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { phase, ready, workspace } from "./state";

/** A line that is back within this time was never worth a word. */
const PATIENCE_MS = 1_200;

const online = signal(navigator.onLine);
for (const name of ["online", "offline"]) {
  addEventListener(name, () => {
    online.value = navigator.onLine;
  });
}

/** Say that the line is cut, while it is. */
export function Banner() {
  const cut = phase.value !== "live";
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    setPatient(true);
    if (!cut) return;
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [cut]);
  return (
    <div class="banner" role="status">
      {cut && (!patient || !online.value) && (
        <p>
          {online.value
            ? ready.value
              ? "Reconnecting. What you write is kept and sent then."
              : "Connecting to the server…"
            : "You are offline. What you write is kept and sent when you are back."}
          {online.value && (
            <button type="button" class="link" onClick={() => workspace.socket.connect()}>
              Try now
            </button>
          )}
        </p>
      )}
    </div>
  );
}

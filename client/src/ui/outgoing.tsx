import type { OutgoingMessage } from "../sync/outbox";
import { Line, Words } from "./message";
import { me, phase, workspace } from "./state";

/** Draw a message of mine that is not in the log yet. */
export function OutgoingItem({ item, first }: { item: OutgoingMessage; first: boolean }) {
  return (
    <article
      class={`message ${item.state}${first ? " first" : ""}`}
      data-state={item.state}
      aria-busy={item.state === "sending"}
    >
      <Line user={me()?.id ?? 0} at={item.at} first={first}>
        <Words body={item.frame.body} />
        {item.state === "failed" ? <Failed item={item} /> : <Progress item={item} />}
      </Line>
    </article>
  );
}

function Progress({ item }: { item: OutgoingMessage }) {
  if (item.state === "sent") return null;
  if (phase.value === "live") return <span class="unseen">Sending</span>;
  return <p class="state">Will be sent when the connection is back.</p>;
}

function Failed({ item }: { item: OutgoingMessage }) {
  return (
    <p class="state failed" role="alert">
      Not sent: {item.reason}
      <button type="button" class="link" onClick={() => workspace.outbox.retry(item.id)}>
        Retry
      </button>
      <button type="button" class="link" onClick={() => workspace.outbox.discard(item.id)}>
        Discard
      </button>
    </p>
  );
}

import type { Wire } from "../src/sync/socket";
import type { ServerFrame, Welcome } from "../src/sync/wire";

/** A connection whose other end is the test. */
export class FakeWire implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  sent: { type: string }[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  says(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** Greet somebody who is in these conversations. */
export function welcomeTo(conversations: Welcome["conversations"] = []): Welcome {
  const user = { id: 1, username: "me", name: "Me" };
  return { type: "welcome", user, heartbeat: 25, conversations, personal: null, groups: [] };
}

import type { Api } from "./api";
import { Groups } from "./groups";
import { History } from "./history";
import { Members } from "./members";
import { memoryShelf, Outbox } from "./outbox";
import { People } from "./people";
import { Reading } from "./reading";
import { type Phase, Socket, type Wire } from "./socket";
import { Store } from "./store";
import type { ServerFrame } from "./wire";

export interface WorkspaceEvents {
  /** Something that is shown of a conversation changed. */
  changed: (conversation: number) => void;
  /** The list of conversations changed. */
  listed: () => void;
  /** Names became known. */
  named: () => void;
  phase: (phase: Phase) => void;
}

const SYNC_AGAIN_MS = 2_000;

/** What fails here is asked for again when the next event, pong or connection shows that it is missing. */
const ignore = () => undefined;

/** One person's workspace, in step with the server. */
export class Workspace {
  readonly store: Store;
  readonly people: People;
  readonly groups: Groups;
  readonly members: Members;
  readonly outbox: Outbox;
  readonly history: History;
  readonly reading: Reading;
  readonly socket: Socket;
  private readonly asked = new Map<number, number>();
  private readonly meeting = new Set<number>();

  constructor(
    readonly api: Api,
    open: () => Wire,
    private readonly on: WorkspaceEvents,
  ) {
    const changed = (id: number) => {
      this.settle(id);
      on.changed(id);
    };
    this.people = new People(api, on.named);
    this.groups = new Groups(api, on.named);
    this.members = new Members(api, this.people, on.changed);
    this.store = new Store({
      changed,
      listed: on.listed,
      behind: (id, seq) => this.sync(id, seq),
      unknown: (id) => this.meet(id).catch(ignore),
      applied: (event) => {
        this.outbox.arrived(event.id);
        this.members.apply(event);
        if (event.kind === "leave" && event.member === this.store.me?.id) this.store.remove(event.conversation);
      },
    });
    this.socket = new Socket(open, {
      cursors: () => this.store.held(),
      frame: (frame) => this.take(frame),
      phase: (phase) => this.turn(phase),
    });
    this.outbox = new Outbox(memoryShelf(), (frame) => this.socket.send(frame), on.changed);
    this.history = new History(api, this.store, changed);
    this.reading = new Reading(this.store, (frame) => this.socket.send(frame));
  }

  /** Learn of a conversation that is not in the list yet. */
  async meet(id: number): Promise<void> {
    if (this.meeting.has(id)) return;
    this.meeting.add(id);
    try {
      const conversation = await this.api.conversation(id);
      this.people.add(conversation.users ?? []);
      this.store.adopt(conversation);
    } finally {
      this.meeting.delete(id);
    }
  }

  private take(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.store.me = frame.user;
        this.store.groups = new Set(frame.groups);
        this.people.add([frame.user, ...frame.conversations.flatMap((one) => one.users ?? [])]);
        this.store.adoptAll(frame.conversations);
        return;
      case "event": {
        const { type: _, ...event } = frame;
        this.store.receive(event);
        return;
      }
      case "events":
        this.asked.delete(frame.conversation);
        if (frame.gap) this.startOver(frame.conversation);
        else this.store.receivePage(frame);
        return;
      case "ack":
        this.outbox.acked(frame);
        return;
      case "error":
        this.outbox.refused(frame);
        return;
      case "conversation":
        // What was renamed or archived has the event say so, which comes before.
        if (frame.change === "removed") this.store.remove(frame.conversation.id);
        else if (frame.change === "added") this.store.adopt(frame.conversation);
        this.people.add(frame.conversation.users ?? []);
        return;
      case "groups":
        this.store.groups = new Set(frame.groups);
        this.on.named();
        return;
      case "pong":
        for (const [id, seq] of this.store.incomplete()) this.sync(id, seq);
        return;
      case "receipt":
        for (const one of frame.receipts) {
          if (one.user === this.store.me?.id) this.store.read(frame.conversation, one.read);
        }
        return;
    }
  }

  private turn(phase: Phase): void {
    if (phase === "live") {
      this.asked.clear();
      for (const [id, seq] of this.store.fallenBehind()) this.sync(id, seq);
      this.listRest().catch(ignore);
      this.reading.flush();
      this.outbox.connected();
    } else {
      this.outbox.disconnected();
    }
    this.on.phase(phase);
  }

  /** Ask for what is missing; not again while the answer may be on its way. */
  private sync(id: number, seq: number): void {
    const now = Date.now();
    if (now - (this.asked.get(id) ?? 0) < SYNC_AGAIN_MS) return;
    if (this.socket.send({ type: "sync", cursors: { [id]: seq } })) this.asked.set(id, now);
  }

  /** Too much was missed to replay it: take the state of now, and let what is shown load again. */
  private startOver(id: number): void {
    this.store.drop(id);
    this.meet(id).catch(ignore);
  }

  /** The welcome names at most 200 conversations: fetch the others. */
  private async listRest(): Promise<void> {
    if (this.store.conversations.size < 200) return;
    let cursor: string | null | undefined;
    do {
      const page = await this.api.conversations(cursor ?? undefined);
      this.store.adoptAll(page.conversations);
      cursor = page.cursor;
    } while (cursor);
  }

  /** A page may hold a message whose own event never came this way. */
  private settle(id: number): void {
    const log = this.store.kept(id);
    const sent = new Set(this.outbox.pending(id).map((item) => item.id));
    if (!log || sent.size === 0) return;
    for (const seq of log.window.slice(-200)) {
      const message = log.message(seq);
      if (message && sent.has(message.id)) this.outbox.arrived(message.id);
    }
  }
}

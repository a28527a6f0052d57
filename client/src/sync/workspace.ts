import type { Api } from "./api";
import { Drafts, type Pad } from "./drafts";
import { Groups } from "./groups";
import { History } from "./history";
import { Members } from "./members";
import { Nearby } from "./nearby";
import { Outbox, type Outgoing, OWN, type Shelf } from "./outbox";
import { Own } from "./own";
import { People } from "./people";
import { Reading } from "./reading";
import { Receipts } from "./receipts";
import { type Phase, Socket, type Wire } from "./socket";
import { Store } from "./store";
import { Threads } from "./threads";
import type { Ack, LogEvent, ServerFrame, Welcome } from "./wire";

export interface WorkspaceEvents {
  /** Something that is shown of a conversation changed. */
  changed: (conversation: number) => void;
  /** The list of conversations changed. */
  listed: () => void;
  /** Names became known. */
  named: () => void;
  /** Something of my own changed: of this kind. */
  owned: (kind: string) => void;
  /** Who is here, or who writes, changed. */
  nearby: () => void;
  /** Threads changed. */
  threaded: () => void;
  /** What I did was refused, and is undone. */
  refused: (item: Outgoing) => void;
  /** The server said who I am. */
  greeted: () => void;
  phase: (phase: Phase) => void;
}

/** Where what must outlive the page is kept. */
export interface Keeping {
  shelf: Shelf;
  pad: Pad;
}

const SYNC_AGAIN_MS = 2_000;
/** Longer waits are beyond what a timer takes, and nobody looks at a page for so long. */
const LONGEST_WAIT_MS = 86_400_000;
/** In these somebody waits for a sign that it came. */
const PERSONAL_KINDS = new Set(["direct", "group"]);

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
  readonly own: Own;
  readonly drafts: Drafts;
  readonly nearby: Nearby;
  readonly receipts: Receipts;
  readonly threads: Threads;
  private expiry: ReturnType<typeof setTimeout> | undefined;
  private readonly asked = new Map<number, number>();
  private readonly meeting = new Set<number>();

  constructor(
    readonly api: Api,
    open: () => Wire,
    private readonly on: WorkspaceEvents,
    { shelf, pad }: Keeping,
  ) {
    const changed = (id: number) => {
      this.settle(id);
      this.expire();
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
      applied: (event) => this.applied(event),
    });
    this.socket = new Socket(open, {
      cursors: () => this.store.held(),
      frame: (frame) => this.take(frame),
      phase: (phase) => this.turn(phase),
    });
    this.outbox = new Outbox(
      shelf,
      (frame) => this.socket.send(frame),
      on.changed,
      (item) => this.undone(item),
    );
    this.history = new History(api, this.store, changed);
    this.reading = new Reading(this.store, (frame) => this.socket.send(frame));
    this.own = new Own(api, () => this.outbox, on.owned);
    this.drafts = new Drafts(this.own, pad);
    this.nearby = new Nearby((frame) => this.socket.send(frame), on.nearby);
    this.receipts = new Receipts(api, on.changed);
    this.threads = new Threads(api, this.store, this.own, on.threaded);
  }

  /** Tell whether my messages here are small talk, of which it is shown whom they reached. */
  namesReaders(id: number): boolean {
    const { kind = "" } = this.store.conversations.get(id) ?? {};
    return PERSONAL_KINDS.has(kind) && (this.members.count(id) ?? 2) <= 200;
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
        this.greet(frame);
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
        this.acked(frame);
        return;
      case "error":
        this.outbox.refused(frame);
        return;
      case "conversation":
        // What was renamed or archived has the event say so, which comes before.
        if (frame.change === "removed") this.store.remove(frame.conversation.id);
        else this.store.adopt(frame.conversation);
        if (frame.conversation.kind === "personal") this.own.load(true).catch(ignore);
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
        this.receipts.take({ ...frame, receipts: frame.receipts.filter((one) => one.user !== this.store.me?.id) });
        return;
      case "presence":
        this.nearby.takePresence(frame);
        this.people.say(frame.users);
        return;
      case "typing":
        this.nearby.takeTyping(frame);
        return;
    }
  }

  private greet(frame: Welcome): void {
    const isFirst = this.store.me === undefined;
    this.store.me = frame.user;
    this.people.add([frame.user, ...frame.conversations.flatMap((one) => one.users ?? [])]);
    this.store.adoptAll(frame.conversations);
    if (frame.personal) this.store.adopt(frame.personal);
    for (const { id, kind, seq, unread } of frame.conversations) {
      if (unread > 0 && PERSONAL_KINDS.has(kind)) this.reading.received(id, seq);
    }
    const partners = frame.conversations.flatMap(({ kind, users = [] }) => (kind === "direct" ? users : []));
    this.people.refresh(partners.map((person) => person.id));
    if (isFirst) this.on.greeted();
  }

  private applied(event: LogEvent): void {
    const wasMine = this.outbox.arrived(event.id);
    this.members.apply(event);
    this.nearby.apply(event);
    this.threads.apply(event);
    const { conversation, kind } = event;
    const about = this.store.conversations.get(conversation);
    if (about?.kind === "personal") this.own.apply(event);
    if (kind === "message" && PERSONAL_KINDS.has(about?.kind ?? "")) {
      if (wasMine) void this.receipts.follow(conversation, event.seq, true);
      else if (event.user !== this.store.me?.id) this.reading.received(conversation, event.seq);
    }
    if (kind === "leave" && event.member === this.store.me?.id) this.store.remove(conversation);
  }

  private acked(ack: Ack): void {
    const item = this.outbox.acked(ack);
    if (!item) return;
    if (item.conversation === OWN) {
      this.own.acked(item, ack.seq);
      this.outbox.arrived(item.id);
      const { frame } = item;
      if (frame.type === "draft") this.drafts.acked(frame.where, frame.thread, frame.body);
    } else this.outbox.reached(item.conversation, this.store.reached(item.conversation));
  }

  private undone(item: Outgoing): void {
    if (item.conversation === OWN) this.own.refused(item);
    // A draft that finds no place stays here; nobody need hear of it.
    if (item.frame.type !== "draft") this.on.refused(item);
  }

  private turn(phase: Phase): void {
    if (phase === "live") {
      this.asked.clear();
      for (const [id, seq] of this.store.fallenBehind()) this.sync(id, seq);
      this.listRest().catch(ignore);
      this.own.load().catch(ignore);
      this.threads.more(true).catch(ignore);
      this.reading.flush();
      this.nearby.connected();
      this.outbox.connected();
    } else {
      this.outbox.disconnected();
      this.nearby.disconnected();
      this.receipts.disconnected();
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
    const known = this.store.conversations.get(id);
    if (known?.kind === "personal") {
      this.store.remove(id);
      this.store.adopt(known);
      this.own.load(true).catch(ignore);
      return;
    }
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
    this.outbox.reached(id, this.store.reached(id));
    const log = this.store.kept(id);
    const sent = new Set(this.outbox.pending(id).map((item) => item.id));
    if (!log || sent.size === 0) return;
    for (const seq of log.window.slice(-200)) {
      const message = log.message(seq);
      if (message && sent.has(message.id)) this.outbox.arrived(message.id);
    }
  }

  /** Hide what was said for a time as soon as that is over. */
  private expire(): void {
    clearTimeout(this.expiry);
    const now = Date.now();
    const next = this.store.expire(now);
    if (next !== undefined) this.expiry = setTimeout(() => this.expire(), Math.min(next - now, LONGEST_WAIT_MS));
  }
}

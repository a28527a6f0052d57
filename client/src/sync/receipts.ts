import type { Api } from "./api";
import type { Reached, ReceiptFrame } from "./wire";

/** How far the last message of mine has got, in a conversation small enough to name people. */
interface Followed {
  seq: number;
  /** It was said on this connection, which tells all that comes of it. */
  isNew: boolean;
  reached: Map<number, Reached>;
}

/** Who has received and read what I said last: news comes for a conversation that is on the screen. */
export class Receipts {
  private readonly followed = new Map<number, Followed>();

  constructor(
    private readonly api: Pick<Api, "receipts">,
    private readonly changed: (conversation: number) => void,
  ) {}

  /** Give whom a message of mine has reached, if it is the one that is followed. */
  of(conversation: number, seq: number): Reached[] {
    const followed = this.followed.get(conversation);
    return followed?.seq === seq ? [...followed.reached.values()] : [];
  }

  /** Tell whether all that came of a message was told here. */
  isNew(conversation: number, seq: number): boolean {
    const followed = this.followed.get(conversation);
    return followed?.seq === seq && followed.isNew;
  }

  /** The line was cut: what came meanwhile has to be asked for. */
  disconnected(): void {
    for (const followed of this.followed.values()) followed.isNew = false;
  }

  /** Follow a message of mine; `isNew` where nobody can have got it yet. */
  async follow(conversation: number, seq: number, isNew = false): Promise<void> {
    const before = this.followed.get(conversation);
    if (before && before.seq > seq) return;
    if (before?.seq !== seq) this.followed.set(conversation, { seq, isNew, reached: new Map() });
    if (isNew) return;
    const { receipts = [] } = await this.api.receipts(conversation, seq);
    const now = this.followed.get(conversation);
    if (now?.seq !== seq) return;
    for (const one of receipts) now.reached.set(one.user, { ...now.reached.get(one.user), ...one });
    this.changed(conversation);
  }

  /** Take news of who has got how far. */
  take({ conversation, receipts }: ReceiptFrame): void {
    const followed = this.followed.get(conversation);
    if (!followed) return;
    for (const { user, delivered, read, at } of receipts) {
      const known = followed.reached.get(user);
      if (Math.max(delivered, read) < followed.seq) continue;
      const read_at = known?.read_at ?? (read >= followed.seq ? at : undefined);
      followed.reached.set(user, { user, delivered_at: known?.delivered_at ?? at, read_at });
    }
    this.changed(conversation);
  }
}

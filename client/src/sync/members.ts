import type { Api } from "./api";
import type { People } from "./people";
import type { LogEvent, Member } from "./wire";

/** As much of a conversation's members as has been asked for. */
export interface Roll {
  members: Member[];
  /** Where the next page starts; null at the end. */
  cursor: string | null;
}

/** Who belongs to the conversations that are open. */
export class Members {
  private readonly rolls = new Map<number, Roll>();
  private readonly counts = new Map<number, number>();
  private readonly loading = new Set<number>();

  constructor(
    private readonly api: Pick<Api, "members" | "conversation">,
    private readonly people: People,
    private readonly changed: (conversation: number) => void,
  ) {}

  /** Give what is known of a conversation's members. */
  of(conversation: number): Roll | undefined {
    return this.rolls.get(conversation);
  }

  /** Give how many belong to a conversation, if that is known. */
  count(conversation: number): number | undefined {
    return this.counts.get(conversation);
  }

  /** Learn how many belong to a conversation, and the first of them. */
  async learn(conversation: number): Promise<void> {
    if (!this.counts.has(conversation)) {
      const details = await this.api.conversation(conversation);
      this.counts.set(conversation, details.members ?? 0);
      this.changed(conversation);
    }
    if (!this.rolls.has(conversation)) await this.more(conversation);
  }

  /** Fetch the first page, or the one after what is known. */
  async more(conversation: number): Promise<void> {
    const known = this.rolls.get(conversation);
    if (this.loading.has(conversation) || known?.cursor === null) return;
    this.loading.add(conversation);
    try {
      const page = await this.api.members(conversation, known?.cursor);
      this.people.add(page.members.map((member) => member.user));
      this.rolls.set(conversation, { members: [...(known?.members ?? []), ...page.members], cursor: page.cursor });
      this.changed(conversation);
    } finally {
      this.loading.delete(conversation);
    }
  }

  /** Count who came and went, and forget a list that is no longer true: whoever shows it asks again. */
  apply(event: LogEvent): void {
    if (event.kind !== "join" && event.kind !== "leave" && event.kind !== "role") return;
    this.rolls.delete(event.conversation);
    const count = this.counts.get(event.conversation);
    const step = event.kind === "join" ? 1 : event.kind === "leave" ? -1 : 0;
    if (count !== undefined) this.counts.set(event.conversation, count + step);
  }
}

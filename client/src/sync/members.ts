import type { Api, Member } from "./api";
import type { People } from "./people";
import type { LogEvent } from "./wire";

/** As much of a conversation's members as has been asked for. */
export interface Roll {
  members: Member[];
  /** Where the next page starts; null at the end. */
  cursor: string | null;
}

/** Who belongs to the conversations that are open. */
export class Members {
  private readonly rolls = new Map<number, Roll>();
  private readonly loading = new Set<number>();

  constructor(
    private readonly api: Pick<Api, "members">,
    private readonly people: People,
    private readonly changed: (conversation: number) => void,
  ) {}

  /** Give what is known of a conversation's members. */
  of(conversation: number): Roll | undefined {
    return this.rolls.get(conversation);
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

  /** Forget a list that an event has made untrue; whoever shows it asks again. */
  apply(event: LogEvent): void {
    if (event.kind === "join" || event.kind === "leave" || event.kind === "role") this.rolls.delete(event.conversation);
  }
}

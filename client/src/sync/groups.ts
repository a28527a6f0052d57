import type { Api } from "./api";
import { Gathering } from "./gathering";
import type { UserGroup } from "./wire";

/** User groups by id, for what mentions them. */
export class Groups {
  private readonly known = new Map<number, UserGroup | undefined>();
  private readonly unknown = new Gathering((ids) => this.ask(ids));

  constructor(
    private readonly api: Pick<Api, "groupsById">,
    private readonly changed: () => void,
  ) {}

  /** Give what is typed after @ for a group, or ask the server and give nothing yet. */
  handle(id: number): string | undefined {
    if (!this.known.has(id)) this.unknown.want(id);
    return this.known.get(id)?.handle;
  }

  private async ask(ids: number[]): Promise<void> {
    const { groups } = await this.api.groupsById(ids);
    const found = new Map(groups.map((group) => [group.id, group]));
    for (const id of ids) this.known.set(id, found.get(id));
    this.changed();
  }
}

import { type Api, Refusal } from "./api";
import { Gathering } from "./gathering";
import type { UserGroup } from "./wire";

/** For so long what was found is not looked for again. */
const FRESH_MS = 60_000;

/** What was looked for: how long that is fresh, and whether all that begins so was found. */
interface Look {
  until: number;
  isWhole: boolean;
}

/** User groups: by id for what mentions them, and by how they begin for who writes. */
export class Groups {
  private readonly known = new Map<number, UserGroup | undefined>();
  private readonly unknown = new Gathering((ids) => this.ask(ids));
  /** Those that can be mentioned, by handle, as far as they were looked for: closed ones are known by id alone. */
  private readonly open = new Map<string, UserGroup>();
  private readonly looks = new Map<string, Look>();

  constructor(
    private readonly api: Pick<Api, "groupsById" | "groupsStarting">,
    private readonly changed: () => void,
  ) {}

  /** Give what is typed after @ for a group, or ask the server and give nothing yet. */
  handle(id: number): string | undefined {
    if (!this.known.has(id)) this.unknown.want(id);
    return this.known.get(id)?.handle;
  }

  /** Find a group that can be mentioned, among those looked for. */
  byHandle(handle: string): UserGroup | undefined {
    return this.open.get(handle.toLowerCase());
  }

  /** List those looked for by handle: whose handle begins so, then whose name alone does. */
  starting(typed: string): UserGroup[] {
    const lower = typed.toLowerCase();
    const all = [...this.open.values()].sort((a, b) => a.handle.localeCompare(b.handle));
    const begin = all.filter(({ handle }) => handle.startsWith(lower));
    return [...begin, ...all.filter((group) => !begin.includes(group) && group.name.toLowerCase().startsWith(lower))];
  }

  /** Look for those that begin so, unless a look of the last minute has them. */
  async look(typed: string): Promise<void> {
    const start = typed.toLowerCase();
    const now = Date.now();
    for (const [begin, { until, isWhole }] of this.looks)
      if (now < until && (begin === start || (isWhole && start.startsWith(begin)))) return;
    // Until it is answered it counts as whole, so that not each further letter asks.
    const look = { until: now + FRESH_MS, isWhole: true };
    this.looks.set(start, look);
    try {
      const { groups, cursor } = await this.api.groupsStarting(start);
      look.isWhole = cursor === null;
      if (start === "" && look.isWhole) this.open.clear();
      for (const group of groups) {
        this.open.set(group.handle, group);
        this.known.set(group.id, group);
      }
      this.changed();
    } catch (error) {
      // Who has no directory, as guests, is told so each time; what was away may be there again.
      if (!(error instanceof Refusal && error.status === 403)) this.looks.delete(start);
    }
  }

  private async ask(ids: number[]): Promise<void> {
    const { groups } = await this.api.groupsById(ids);
    const found = new Map(groups.map((group) => [group.id, group]));
    for (const id of ids) this.known.set(id, found.get(id));
    this.changed();
  }
}

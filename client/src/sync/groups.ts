import type { Api } from "./api";
import type { UserGroup } from "./wire";

const BATCH = 200;
const GATHER_MS = 30;

/** User groups by id, for what mentions them: gathered and asked for in batches. */
export class Groups {
  private readonly known = new Map<number, UserGroup | undefined>();
  private readonly wanted = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Pick<Api, "groupsById">,
    private readonly changed: () => void,
  ) {}

  /** Give what is typed after @ for a group, or ask the server and give nothing yet. */
  handle(id: number): string | undefined {
    if (!this.known.has(id)) this.want(id);
    return this.known.get(id)?.handle;
  }

  private want(id: number): void {
    this.wanted.add(id);
    this.timer ??= setTimeout(() => void this.fetch(), GATHER_MS);
  }

  private async fetch(): Promise<void> {
    const ids = [...this.wanted].slice(0, BATCH);
    try {
      const { groups } = await this.api.groupsById(ids);
      for (const id of ids)
        this.known.set(
          id,
          groups.find((group) => group.id === id),
        );
      this.changed();
    } catch {
      // Whoever shows the handle asks again when it is next drawn.
    }
    for (const id of ids) this.wanted.delete(id);
    this.timer = this.wanted.size > 0 ? setTimeout(() => void this.fetch(), GATHER_MS) : undefined;
  }
}

import type { Own } from "./own";

/** Where what is being written is kept until the server has it, so that no reload and no sign-out loses it. */
export interface Pad {
  set(place: string, text: string): void;
  remove(place: string): void;
  all(): [string, string][];
}

const GATHER_MS = 400;

/** What is being written, by conversation and thread: here at once, on my other devices within a second. */
export class Drafts {
  /** What the server may not have yet. */
  private readonly typed = new Map<string, string>();
  private readonly due = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly own: Own,
    private readonly pad: Pad,
  ) {}

  /** Give what is being written in a place. */
  of(where: number, thread?: number): string {
    const place = placeOf(where, thread);
    return this.typed.get(place) ?? this.own.get("draft", place)?.body ?? "";
  }

  /** Note what is being written. */
  type(where: number, thread: number | undefined, text: string): void {
    const place = placeOf(where, thread);
    if (text === this.of(where, thread)) return;
    this.typed.set(place, text);
    this.pad.set(place, text);
    this.due.add(place);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Forget what was being written: it was sent, or is not wanted. */
  clear(where: number, thread?: number): void {
    this.type(where, thread, "");
    this.flush();
  }

  /** Tell the server what it has not been told. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const place of this.due) {
      const [where, thread] = place.split("/").map(Number) as [number, number | undefined];
      const body = this.typed.get(place) ?? "";
      const kept = this.own.get("draft", place)?.body ?? "";
      if (body === kept || (body.trim() === "" && kept === "")) this.told(place, body);
      else this.own.put({ type: "draft", where, body, ...(thread === undefined ? {} : { thread }) });
    }
    this.due.clear();
  }

  /** Take note that the server has a draft: if no more was written since, its word counts from now on. */
  acked(where: number, thread: number | undefined, body: string): void {
    const place = placeOf(where, thread);
    if (this.typed.get(place) === body) this.told(place, body);
  }

  /** Take up what an earlier page left. */
  restore(): void {
    for (const [place, text] of this.pad.all()) {
      if (this.typed.has(place)) continue;
      this.typed.set(place, text);
      this.due.add(place);
    }
    this.flush();
  }

  private told(place: string, body: string): void {
    // Blank space alone is no draft for the server, and stays here.
    if (body.trim() === "" && body !== "") return;
    this.typed.delete(place);
    this.pad.remove(place);
  }
}

function placeOf(where: number, thread?: number): string {
  return thread === undefined ? `${where}` : `${where}/${thread}`;
}

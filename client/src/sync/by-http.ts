import type { Wire } from "./socket";
import { uuid7 } from "./uuid7";
import type { ClientFrame, ServerFrame } from "./wire";

/** Where the server's HTTP half is, and what proves that a request is this page's. */
export interface Door {
  root: string;
  csrf: () => string;
}

const FRAMES_AT_ONCE = 100;
const SIGNED_OUT = 4401;
/** What is on the screen is said again so often: on its way to where this listens it may get lost unnoticed. */
const AGAIN_MS = 60_000;

/** A wire without a WebSocket: one request brings what happens, others carry commands and bring their answers. */
export abstract class ByHttp implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  /** By this the server knows which stream or polls the commands belong to. */
  protected readonly device = uuid7();
  private readonly queue: ClientFrame[] = [];
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = new AbortController();
  private isPosting = false;

  constructor(protected readonly door: Door) {
    queueMicrotask(() => this.onopen?.());
  }

  /** Bring what happens after these cursors, until there is an end to it. */
  protected abstract listen(cursors: Record<string, number>): Promise<void>;

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    if (frame.type === "hello") {
      this.listen(frame.cursors ?? {}).then(
        () => this.end(1006),
        () => this.end(1006),
      );
    } else if (frame.type !== "ping") {
      this.put(frame);
    }
  }

  close(): void {
    clearTimeout(this.again);
    this.abort.abort();
  }

  protected get isClosed(): boolean {
    return this.abort.signal.aborted;
  }

  protected say(frame: ServerFrame): void {
    if (!this.isClosed) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  protected end(code: number): void {
    if (this.isClosed) return;
    clearTimeout(this.again);
    this.abort.abort();
    this.onclose?.({ code });
  }

  protected async get(path: string, query: Record<string, string>): Promise<Response> {
    return this.checked(
      await fetch(`${this.door.root}events/${path}?${new URLSearchParams(query)}`, {
        credentials: "same-origin",
        cache: "no-store",
        signal: this.abort.signal,
      }),
    );
  }

  private put(frame: ClientFrame): void {
    if (frame.type === "watch") clearTimeout(this.again);
    this.queue.push(frame);
    if (!this.isPosting) this.post().catch(() => this.end(1006));
  }

  /** Say again what is on the screen: soon where it could not be handed on, else after a while. */
  private watchAgain(said: ClientFrame[], answered: ServerFrame[]): void {
    const watch = said.findLast((frame) => frame.type === "watch");
    if (!watch || this.queue.some((frame) => frame.type === "watch")) return;
    const waits = answered.map((frame) => (frame.type === "error" && !frame.id ? frame.retry_after : undefined));
    const wait_s = waits.find((wait) => wait !== undefined);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.put(watch), wait_s === undefined ? AGAIN_MS : wait_s * 1000);
  }

  /** Send what is queued, one request after the other: so it keeps its order. */
  private async post(): Promise<void> {
    this.isPosting = true;
    while (this.queue.length > 0 && !this.isClosed) {
      const frames = this.queue.splice(0, FRAMES_AT_ONCE);
      const response = await fetch(`${this.door.root}events/commands`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.door.csrf() },
        credentials: "same-origin",
        body: JSON.stringify({ frames, device: this.device }),
        signal: this.abort.signal,
      });
      const answer = (await this.checked(response).json()) as { frames: ServerFrame[] };
      if (this.isClosed) return;
      for (const frame of answer.frames) this.say(frame);
      this.watchAgain(frames, answer.frames);
    }
    this.isPosting = false;
  }

  private checked(response: Response): Response {
    if (response.status === 401) this.end(SIGNED_OUT);
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    return response;
  }
}

/** Write cursors as an address has them. */
export function named(cursors: Record<string, number>): string {
  return Object.entries(cursors)
    .map(([id, seq]) => `${id}:${seq}`)
    .join(",");
}

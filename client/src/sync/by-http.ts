import type { Wire } from "./socket";
import type { ClientFrame, ServerFrame } from "./wire";

/** Where the server's HTTP half is, and what proves that a request is this page's. */
export interface Door {
  root: string;
  csrf: () => string;
}

const FRAMES_AT_ONCE = 100;
const SIGNED_OUT = 4401;

/** A wire without a WebSocket: one request brings what happens, others carry commands and bring their answers. */
export abstract class ByHttp implements Wire {
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  private readonly queue: ClientFrame[] = [];
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
      this.queue.push(frame);
      if (!this.isPosting) this.post().catch(() => this.end(1006));
    }
  }

  close(): void {
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
    this.abort.abort();
    this.onclose?.({ code });
  }

  protected async get(path: string, query: Record<string, string>): Promise<Response> {
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : "";
    return this.checked(
      await fetch(`${this.door.root}events/${path}${search}`, {
        credentials: "same-origin",
        cache: "no-store",
        signal: this.abort.signal,
      }),
    );
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
        body: JSON.stringify({ frames }),
        signal: this.abort.signal,
      });
      const answer = (await this.checked(response).json()) as { frames: ServerFrame[] };
      for (const frame of answer.frames) this.say(frame);
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

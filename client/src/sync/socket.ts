import type { ClientFrame, ServerFrame, Welcome } from "./wire";

/** What the socket is doing, for a person: `live` is the good state, `ended` means signed out. */
export type Phase = "connecting" | "live" | "waiting" | "ended";

export interface SocketEvents {
  /** Names what is held, at each new connection. */
  cursors: () => Record<string, number>;
  frame: (frame: ServerFrame) => void;
  phase: (phase: Phase) => void;
}

/** The part of the browser's WebSocket that is used. */
export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const SILENCE_MS = 60_000;
const HANDSHAKE_MS = 15_000;
/** A connection that lived this long was a good one: the next pause starts small again. */
const PROVEN_MS = 10_000;
const SIGNED_OUT = 4401;

/** Keeps one connection to the server alive: hello, heartbeat, watchdog, reconnection with jittered back-off. */
export class Socket {
  phase: Phase = "waiting";
  private wire: Wire | undefined;
  private failures = 0;
  private liveSince = 0;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: () => Wire,
    private readonly events: SocketEvents,
    private readonly random: () => number = Math.random,
  ) {}

  /** Connect now: at the start, or because something suggests that it will work again. */
  connect(): void {
    if (this.wire || this.phase === "ended") return;
    clearTimeout(this.pause);
    this.enter("connecting");
    const wire = this.open();
    this.wire = wire;
    this.expectFrame(HANDSHAKE_MS);
    wire.onopen = () => this.write({ type: "hello", cursors: this.events.cursors() });
    wire.onmessage = ({ data }) => this.receive(data);
    wire.onclose = ({ code }) => this.lost(code);
  }

  /** Send a frame; false if there is no live connection. */
  send(frame: ClientFrame): boolean {
    if (this.phase !== "live") return false;
    this.write(frame);
    return true;
  }

  /** Connect anew: there is a better way. */
  reopen(): void {
    if (this.phase === "ended") return;
    const wire = this.wire;
    this.lost(1000);
    wire?.close();
    this.connect();
  }

  /** Close for good. */
  end(): void {
    const wire = this.wire;
    this.lost(SIGNED_OUT);
    wire?.close(1000);
  }

  private write(frame: ClientFrame): void {
    this.wire?.send(JSON.stringify(frame));
  }

  private receive(data: unknown): void {
    this.expectFrame(SILENCE_MS);
    const frame = JSON.parse(String(data)) as ServerFrame;
    if (frame.type === "welcome") this.welcomed(frame);
    this.events.frame(frame);
    // Only now, so that whoever waits for a live socket sees what came with the welcome.
    if (frame.type === "welcome") this.enter("live");
  }

  private welcomed(welcome: Welcome): void {
    this.liveSince = Date.now();
    clearInterval(this.heartbeat);
    this.heartbeat = setInterval(() => this.write({ type: "ping" }), welcome.heartbeat * 1000);
  }

  /** A connection may look open long after the line is gone: only frames prove it. */
  private expectFrame(within: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      const wire = this.wire;
      this.lost(1006);
      wire?.close();
    }, within);
  }

  private lost(code: number): void {
    const wire = this.wire;
    if (wire) wire.onopen = wire.onmessage = wire.onclose = null;
    this.wire = undefined;
    clearInterval(this.heartbeat);
    clearTimeout(this.watchdog);
    clearTimeout(this.pause);
    if (code === SIGNED_OUT) {
      this.enter("ended");
      return;
    }
    if (this.phase === "live" && Date.now() - this.liveSince >= PROVEN_MS) this.failures = 0;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures);
    this.failures += 1;
    this.enter("waiting");
    this.pause = setTimeout(() => this.connect(), this.random() * longest);
  }

  private enter(phase: Phase): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.events.phase(phase);
  }
}

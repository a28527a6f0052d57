import { ByHttp, named } from "./by-http";
import type { ServerFrame } from "./wire";

interface Polled {
  frames: ServerFrame[];
  cursors: string;
}

/** What comes in a moment goes with the next answer: so much rest between two polls that brought something. */
const REST_MS = 200;
/** A receipt may fall between two polls: a welcome so often tells all that it would have told. */
const WELCOME_MS = 60_000;

/** Long polls, for where not even a stream gets through. */
export class PollWire extends ByHttp {
  protected async listen(cursors: Record<string, number>): Promise<void> {
    let text = await this.welcomed(named(cursors));
    let welcomedAt = Date.now();
    while (!this.isClosed) {
      if (Date.now() - welcomedAt > WELCOME_MS) {
        text = await this.welcomed(text);
        welcomedAt = Date.now();
      }
      const polled = await this.polled({ cursors: text });
      text = polled.cursors;
      for (const frame of polled.frames) this.say(frame);
      this.say({ type: "pong" });
      if (polled.frames.length > 0) await new Promise((resume) => setTimeout(resume, REST_MS));
    }
  }

  /** Take a welcome and what came since the cursors, and give those from which to go on. */
  private async welcomed(known: string): Promise<string> {
    const { frames, cursors } = await this.polled({ cursors: known, welcome: "1", wait: "0" });
    for (const frame of frames) this.say(frame);
    return cursors;
  }

  private async polled(query: Record<string, string>): Promise<Polled> {
    return (await (await this.get("poll", { ...query, device: this.device })).json()) as Polled;
  }
}

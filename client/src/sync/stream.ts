import { ByHttp, named } from "./by-http";
import type { ServerFrame } from "./wire";

/** The server says something, be it a comment, every fifteen seconds: after this the line is gone. */
const SILENCE_MS = 40_000;

/** Server-sent events, read with `fetch`: unlike EventSource it tells why there are none. */
export class StreamWire extends ByHttp {
  private watchdog: ReturnType<typeof setTimeout> | undefined;

  override close(): void {
    clearTimeout(this.watchdog);
    super.close();
  }

  protected async listen(cursors: Record<string, number>): Promise<void> {
    const known = Object.keys(cursors).length > 0 ? { cursors: named(cursors) } : undefined;
    const response = await this.get("stream", { ...known, device: this.device });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    while (reader) {
      this.expectMore();
      const { done, value } = await reader.read();
      if (done) break;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.take(block);
    }
    clearTimeout(this.watchdog);
  }

  /** Take what lies between two empty lines: fields, or a comment, which shows that the line is up. */
  private take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
    );
    const data = fields.get("data");
    if (fields.get("event") === "close" && data) this.end((JSON.parse(data) as { code: number }).code);
    else if (data) this.say(JSON.parse(data) as ServerFrame);
    else if (block.startsWith(":")) this.say({ type: "pong" });
  }

  private expectMore(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.end(1006), SILENCE_MS);
  }
}

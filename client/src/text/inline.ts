import { addressAt, addressUntilBracket, safeAddress } from "./links";
import type { Inline } from "./tree";

const MENTION = /<@(\d{1,15})>/y;
const GROUP = /<&(\d{1,15})>/y;
const EVERYONE = /<!(channel|here|everyone)>/y;
const LABEL = /\[([^[\]\n]{1,500})\]\(/y;
const MARKS = { "**": "strong", __: "strong", "*": "em", _: "em", "~~": "strike", "~": "strike" } as const;
type Mark = keyof typeof MARKS;

/** More open marks than this are nobody's formatting: the oldest is taken as text. */
const MOST_OPEN = 24;

/** Parse a stretch of text without blocks. Takes time linear in its length. */
export function parseInline(text: string): Inline[] {
  return new Scanner(text).run();
}

class Scanner {
  private at = 0;
  private plain = "";
  private out: Inline[] = [];
  private open: { mark: Mark; index: number }[] = [];
  /** Lengths of backtick runs that are known to have no partner further on. */
  private readonly unpaired = new Set<number>();

  constructor(private readonly text: string) {}

  run(): Inline[] {
    while (this.at < this.text.length) {
      if (!this.special()) {
        this.plain += this.text[this.at];
        this.at += 1;
      }
    }
    this.flush();
    return this.out;
  }

  private special(): boolean {
    switch (this.text[this.at]) {
      case "\n":
        return this.emit({ type: "break" }, 1);
      case "`":
        return this.code();
      case "<":
        return this.mention();
      case "[":
        return this.labelled();
      case "h":
      case "H":
        return this.bareLink();
      case "*":
      case "_":
      case "~":
        return this.mark();
      default:
        return false;
    }
  }

  private code(): boolean {
    const run = this.runLength("`");
    const fence = "`".repeat(run);
    if (!this.unpaired.has(run)) {
      for (let end = this.text.indexOf(fence, this.at + run); end >= 0; ) {
        let after = end + run;
        while (this.text[after] === "`") after += 1;
        if (after === end + run) {
          const inside = this.text.slice(this.at + run, end).replaceAll("\n", " ");
          return this.emit({ type: "code", text: inside.replace(/^ (.*\S.*) $/, "$1") }, after - this.at);
        }
        end = this.text.indexOf(fence, after);
      }
      this.unpaired.add(run);
    }
    this.plain += fence;
    this.at += run;
    return true;
  }

  private mention(): boolean {
    const user = match(MENTION, this.text, this.at);
    if (user) return this.emit({ type: "mention", user: Number(user[1]) }, user[0].length);
    const group = match(GROUP, this.text, this.at);
    if (group) return this.emit({ type: "group", group: Number(group[1]) }, group[0].length);
    const everyone = match(EVERYONE, this.text, this.at);
    if (!everyone) return false;
    return this.emit({ type: "everyone", who: everyone[1] === "here" ? "here" : "channel" }, everyone[0].length);
  }

  private labelled(): boolean {
    const label = match(LABEL, this.text, this.at);
    const target = label && addressUntilBracket(this.text, this.at + label[0].length);
    const href = target && safeAddress(target);
    if (!href) return false;
    const length = label[0].length + target.length + 1;
    return this.emit({ type: "link", href, children: [{ type: "text", text: label[1]! }] }, length);
  }

  private bareLink(): boolean {
    if (isWord(this.text[this.at - 1])) return false;
    const found = addressAt(this.text, this.at);
    const href = found && safeAddress(found);
    if (!href) return false;
    return this.emit({ type: "link", href, children: [{ type: "text", text: found }] }, found.length);
  }

  /** Marks count only at the edge of words: snake_case and 2*3*4 stay as they are. */
  private mark(): boolean {
    const char = this.text[this.at]!;
    const run = this.runLength(char);
    const mark = char.repeat(run) as Mark;
    const before = this.text[this.at - 1];
    const after = this.text[this.at + run];
    this.at += run;
    if (mark in MARKS) {
      if (isDark(before) && !isWord(after) && this.close(mark)) return true;
      if (isDark(after) && !isWord(before)) {
        this.flush();
        if (this.open.length >= MOST_OPEN) this.open.shift();
        this.open.push({ mark, index: this.out.length });
        this.out.push({ type: "text", text: mark });
        return true;
      }
    }
    this.plain += mark;
    return true;
  }

  private close(mark: Mark): boolean {
    const opener = this.open.findLastIndex((one) => one.mark === mark);
    if (opener < 0) return false;
    this.flush();
    const { index } = this.open[opener]!;
    if (index + 1 === this.out.length) return false;
    const children = this.out.splice(index + 1);
    this.out[index] = { type: MARKS[mark], children };
    this.open.length = opener;
    return true;
  }

  private runLength(char: string): number {
    let end = this.at;
    while (this.text[end] === char) end += 1;
    return end - this.at;
  }

  private emit(node: Inline, length: number): true {
    this.flush();
    this.out.push(node);
    this.at += length;
    return true;
  }

  private flush(): void {
    if (this.plain !== "") this.out.push({ type: "text", text: this.plain });
    this.plain = "";
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}

function isDark(char: string | undefined): boolean {
  return char !== undefined && !/\s/.test(char);
}

import { parseInline } from "./inline";
import type { Block } from "./tree";

const FENCE = /^ {0,3}```+\s*([\w+#.-]{0,30})\s*$/;
const QUOTE = /^ {0,3}> ?/;
const BULLET = /^ {0,3}[-*•] +(?=\S)/;
const NUMBER = /^ {0,3}(\d{1,9})[.)] +(?=\S)/;
/** Control characters that old chat logs carry: nothing can be drawn for them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Quotes inside quotes beyond this are shown as they are written. */
const DEEPEST_QUOTE = 6;

/** Parse the text of a message. Anything is a valid text: what is no formatting is shown as written. */
export function parse(body: string): Block[] {
  return parseLines(body.replace(/\r\n?/g, "\n").replace(CONTROL, "").split("\n"), 0);
}

function parseLines(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    if (line.trim() === "") {
      at += 1;
      continue;
    }
    const [block, next] =
      fenced(lines, at) ??
      (depth < DEEPEST_QUOTE ? quoted(lines, at, depth) : undefined) ??
      listed(lines, at) ??
      text(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

type Taken = [Block, number];

function fenced(lines: string[], at: number): Taken | undefined {
  const open = FENCE.exec(lines[at]!);
  if (!open || at + 1 === lines.length) return undefined;
  let end = at + 1;
  while (end < lines.length && !/^ {0,3}```+\s*$/.test(lines[end]!)) end += 1;
  return [{ type: "code", language: open[1]!, text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function quoted(lines: string[], at: number, depth: number): Taken | undefined {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end]!)) end += 1;
  if (end === at) return undefined;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [{ type: "quote", children: parseLines(inside, depth + 1) }, end];
}

function listed(lines: string[], at: number): Taken | undefined {
  const number = NUMBER.exec(lines[at]!);
  const pattern = number ? NUMBER : BULLET;
  let end = at;
  while (end < lines.length && pattern.test(lines[end]!)) end += 1;
  // A single line with a number in front is a sentence, not a list.
  if (end === at || (number && end === at + 1)) return undefined;
  const items = lines.slice(at, end).map((line) => parseInline(line.replace(pattern, "")));
  return [{ type: "list", start: number ? Number(number[1]) : undefined, items }, end];
}

function text(lines: string[], at: number, depth: number): Taken {
  let end = at + 1;
  while (end < lines.length && !startsOther(lines, end, depth)) end += 1;
  return [{ type: "paragraph", children: parseInline(lines.slice(at, end).join("\n")) }, end];
}

function startsOther(lines: string[], at: number, depth: number): boolean {
  const line = lines[at]!;
  if (line.trim() === "" || FENCE.test(line) || BULLET.test(line)) return true;
  if (depth < DEEPEST_QUOTE && QUOTE.test(line)) return true;
  return NUMBER.test(line) && NUMBER.test(lines[at + 1] ?? "");
}

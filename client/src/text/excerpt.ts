import { parse } from "./blocks";
import type { Block, Inline } from "./tree";

const LONGEST = 90;

/** Gives the name of a person, or of a user group. */
export type NameOf = (id: number, of?: "group") => string;

/** Say a message's text in one short line, for where there is room for no more. */
export function excerpt(body: string, nameOf: NameOf): string {
  const blocks = parse(body.slice(0, 4 * LONGEST));
  const line = blocks
    .map((block) => wordsOf(block, nameOf))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).trimEnd()}…` : line;
}

function wordsOf(block: Block, nameOf: NameOf): string {
  const inline = (nodes: Inline[]): string => nodes.map(inlineWords).join("");
  const inlineWords = (node: Inline): string => {
    switch (node.type) {
      case "text":
      case "code":
        return node.text;
      case "break":
        return " ";
      case "mention":
        return `@${nameOf(node.user)}`;
      case "group":
        return `@${nameOf(node.group, "group")}`;
      case "everyone":
        return `@${node.who}`;
      default:
        return inline(node.children);
    }
  };
  switch (block.type) {
    case "paragraph":
      return inline(block.children);
    case "code":
      return block.text;
    case "quote":
      return block.children.map((child) => wordsOf(child, nameOf)).join(" ");
    case "list":
      return block.items.map(inline).join(" ");
  }
}

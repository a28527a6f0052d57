import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "../src/text/blocks";
import { excerpt } from "../src/text/excerpt";
import { parseInline } from "../src/text/inline";
import type { Block, Inline } from "../src/text/tree";

const text = (value: string): Inline => ({ type: "text", text: value });

function words(nodes: Inline[]): string {
  return nodes
    .map((node) => {
      if ("text" in node) return node.text;
      if ("children" in node) return words(node.children);
      return node.type === "break" ? "\n" : "";
    })
    .join("");
}

function links(blocks: Block[]): string[] {
  const inside = (nodes: Inline[]): string[] =>
    nodes.flatMap((node) => [
      ...(node.type === "link" ? [node.href] : []),
      ...("children" in node ? inside(node.children) : []),
    ]);
  return blocks.flatMap((block) => {
    if (block.type === "paragraph") return inside(block.children);
    if (block.type === "quote") return links(block.children);
    return block.type === "list" ? block.items.flatMap(inside) : [];
  });
}

describe("inline", () => {
  test.each<[string, Inline[]]>([
    ["plain words", [text("plain words")]],
    [
      "**bold** and *lean*",
      [{ type: "strong", children: [text("bold")] }, text(" and "), { type: "em", children: [text("lean")] }],
    ],
    ["_a **b** c_", [{ type: "em", children: [text("a "), { type: "strong", children: [text("b")] }, text(" c")] }]],
    ["~gone~", [{ type: "strike", children: [text("gone")] }]],
    ["snake_case_name 2*3*4 a * b *", [text("snake_case_name 2*3*4 a * b *")]],
    ["`x *y*` z", [{ type: "code", text: "x *y*" }, text(" z")]],
    ["``a ` b``", [{ type: "code", text: "a ` b" }]],
    ["`open", [text("`open")]],
    ["one\ntwo", [text("one"), { type: "break" }, text("two")]],
    ["<@12>, hi", [{ type: "mention", user: 12 }, text(", hi")]],
    ["<!channel> <!here>", [{ type: "everyone", who: "channel" }, text(" "), { type: "everyone", who: "here" }]],
    ["<&7>!", [{ type: "group", group: 7 }, text("!")]],
    ["<&x> <&>", [text("<&x> <&>")]],
    ["<@x> <!all>", [text("<@x> <!all>")]],
  ])("%s", (source, expected) => {
    expect(parseInline(source)).toEqual(expected);
  });

  test.each([
    ["see https://a.example/b.", "https://a.example/b", "."],
    ["(https://a.example/x)", "https://a.example/x", ")"],
    ["https://en.example/wiki/A_(b) ok", "https://en.example/wiki/A_(b)", " ok"],
    ["<https://a.example/>", "https://a.example/", ">"],
    ["*https://a.example/*", "https://a.example/", ""],
  ])("the address in %s", (source, href, rest) => {
    expect(links(parse(source))).toEqual([href]);
    expect(words(parseInline(source)).endsWith(rest)).toBe(true);
  });

  test("a labelled link shows its label and leads to its address", () => {
    expect(parseInline("[the bug](https://a.example/1)")).toEqual([
      { type: "link", href: "https://a.example/1", children: [text("the bug")] },
    ]);
  });
});

describe("blocks", () => {
  test("fences keep their text as it is", () => {
    expect(parse("before\n```py\na = *1*\n\n<b>\n```\nafter")).toMatchObject([
      { type: "paragraph" },
      { type: "code", language: "py", text: "a = *1*\n\n<b>" },
      { type: "paragraph" },
    ]);
    expect(parse("```\nnever closed")).toEqual([{ type: "code", language: "", text: "never closed" }]);
  });

  test("quotes and lists", () => {
    expect(parse("> a\n> b\nc\n- one\n- two\n1. first\n2. second")).toMatchObject([
      { type: "quote", children: [{ type: "paragraph" }] },
      { type: "paragraph" },
      { type: "list", start: undefined, items: [[text("one")], [text("two")]] },
      { type: "list", start: 1, items: [[text("first")], [text("second")]] },
    ]);
    expect(parse("2004. That was the year.")).toMatchObject([{ type: "paragraph" }]);
  });

  test("control characters of old logs are gone, words stay", () => {
    expect(parse("\u000304red\u0003 \u0002bold\u000f")).toEqual([
      { type: "paragraph", children: [text("04red bold")] },
    ]);
  });
});

describe("hostile input", () => {
  test.each([
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x) [y](//evil.example) [z](/path) [q](file:///etc/passwd)",
    "JaVaScRiPt:alert(1) java\nscript:alert(1)",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "https:// http://",
    "[x](https://)",
  ])("%s makes no link", (source) => {
    expect(links(parse(source))).toEqual([]);
  });

  test("markup is text", () => {
    const source = "<script>alert(1)</script><b onclick=x>&amp;";
    expect(parse(source)).toEqual([{ type: "paragraph", children: [text(source)] }]);
  });

  test("every link is http or https, and no words are lost, whatever the input", () => {
    const pieces = fc.constantFrom(
      "*",
      "_",
      "~",
      "`",
      "[",
      "]",
      "(",
      ")",
      "<@1>",
      "https://a.b/",
      "\n",
      "> ",
      "- ",
      "a",
      " ",
      "```",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const source = parts.join("");
        for (const href of links(parse(source))) expect(href).toMatch(/^https?:\/\//);
        const letters = (value: string) => value.replace(/[^a]/g, "");
        if (source.includes("](http")) return; // a label's address is not among the words that are shown
        expect(letters(JSON.stringify(parse(source).map(shape)))).toBe(letters(source.replaceAll("https://a.b/", "a")));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["quotes 10,000 deep", "> ".repeat(10_000)],
    ["brackets", "[".repeat(40_000)],
    ["marks", "*a _b ".repeat(6_000)],
    ["alternating marks", "*_".repeat(20_000)],
    ["closing marks", `${"*a ".repeat(10_000)}${"b* ".repeat(10_000)}`],
    ["backticks of all lengths", Array.from({ length: 280 }, (_, index) => "`".repeat(index + 1)).join(" ")],
    ["an address that ends in brackets", `https://a.example/${")".repeat(30_000)}`],
    ["addresses", "https://a.example ".repeat(2_200)],
    ["labels", "[a](http://".repeat(4_000)],
    ["addresses that are none", "http://a:b:".repeat(4_000)],
    ["lines", "\n- a".repeat(10_000)],
    ["one word", "a".repeat(40_000)],
  ])("%s take no time", (_, source) => {
    const start = performance.now();
    parse(source);
    expect(performance.now() - start).toBeLessThan(250);
  });
});

test("an excerpt is one short line with names", () => {
  expect(excerpt("hello <@7>,\n\n  see  *this* `x`", () => "ada")).toBe("hello @ada, see this x");
  expect(excerpt("<&7> and <@7>", (id, of) => `${of ?? "person"} ${id}`)).toBe("@group 7 and @person 7");
  expect(excerpt("x".repeat(500), () => "").length).toBe(90);
});

/** Leave of a tree only what a reader sees, so that words can be counted. */
function shape(block: Block): unknown {
  const inline = (nodes: Inline[]): unknown[] =>
    nodes.map((node) => {
      if (node.type === "link")
        return words(node.children).replaceAll("https://a.b/", "a").replaceAll("https://a.b", "a");
      return "children" in node ? inline(node.children) : "text" in node ? node.text : 0;
    });
  if (block.type === "code") return `${block.language} ${block.text}`.replaceAll("https://a.b/", "a");
  if (block.type === "quote") return block.children.map(shape);
  return block.type === "list" ? block.items.map(inline) : inline(block.children);
}

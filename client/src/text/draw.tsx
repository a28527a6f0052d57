import type { ComponentChildren, FunctionComponent, VNode } from "preact";
import type { Block, Inline } from "./tree";

/** Draws the name of a person or a user group; the text itself knows only the id. */
export type Mention = FunctionComponent<{ user: number } | { group: number }>;

/** Draw parsed text. Everything becomes an element or a text node: no markup is ever taken from a message. */
export function draw(blocks: Block[], mention: Mention): VNode[] {
  return blocks.map((block, index) => drawBlock(block, mention, index));
}

function drawBlock(block: Block, mention: Mention, key: number): VNode {
  switch (block.type) {
    case "paragraph":
      return <p key={key}>{drawInline(block.children, mention)}</p>;
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre key={key} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={key}>{draw(block.children, mention)}</blockquote>;
    case "list": {
      const items = block.items.map((item, index) => <li key={`${index}`}>{drawInline(item, mention)}</li>);
      return block.start === undefined ? (
        <ul key={key}>{items}</ul>
      ) : (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      );
    }
  }
}

function drawInline(nodes: Inline[], Name: Mention): ComponentChildren[] {
  return nodes.map((node, key) => drawNode(node, Name, key));
}

function drawNode(node: Inline, Name: Mention, key: number): ComponentChildren {
  switch (node.type) {
    case "text":
      return node.text;
    case "break":
      return <br key={key} />;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "strong":
      return <strong key={key}>{drawInline(node.children, Name)}</strong>;
    case "em":
      return <em key={key}>{drawInline(node.children, Name)}</em>;
    case "strike":
      return <s key={key}>{drawInline(node.children, Name)}</s>;
    case "link":
      return (
        <a key={key} href={node.href} title={node.href} target="_blank" rel="noopener noreferrer">
          {drawInline(node.children, Name)}
        </a>
      );
    case "mention":
      return <Name key={key} user={node.user} />;
    case "group":
      return <Name key={key} group={node.group} />;
    case "everyone":
      return (
        <span key={key} class="mention mine">
          @{node.who}
        </span>
      );
  }
}

/** What a message's text says, before anything draws it. */
export type Inline =
  | { type: "text"; text: string }
  | { type: "break" }
  | { type: "code"; text: string }
  | { type: "strong" | "em" | "strike"; children: Inline[] }
  | { type: "link"; href: string; children: Inline[] }
  | { type: "mention"; user: number }
  | { type: "group"; group: number }
  | { type: "everyone"; who: "channel" | "here" };

export type Block =
  | { type: "paragraph"; children: Inline[] }
  | { type: "code"; language: string; text: string }
  | { type: "quote"; children: Block[] }
  | { type: "list"; start: number | undefined; items: Inline[][] };

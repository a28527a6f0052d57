import type { Conversation, ConversationDetails, Member, Page, Person, UserGroup } from "./wire";

/** What the server answered instead of doing what was asked. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export interface NewConversation {
  kind: "channel" | "group" | "direct";
  name?: string;
  private?: boolean;
  members: number[];
}

type Query = Record<string, string | number | undefined>;

/** The HTTP half of the protocol. */
export class Api {
  constructor(
    private readonly root: string,
    private readonly csrf: () => string,
    private readonly signedOut: () => void,
  ) {}

  /** List my conversations, a page at a time. */
  conversations(cursor?: string): Promise<{ conversations: Conversation[]; cursor: string | null }> {
    return this.call("GET", "conversations", { cursor, limit: 200 });
  }

  /** Fetch one conversation, with how many are in it. */
  conversation(id: number): Promise<ConversationDetails> {
    return this.call("GET", `conversations/${id}`);
  }

  /** Fetch a page of history. */
  messages(
    id: number,
    query: { before?: number; after?: number; around?: number; thread?: number; limit?: number },
  ): Promise<Page> {
    return this.call("GET", `conversations/${id}/messages`, query);
  }

  /** Look up user groups. */
  groupsById(ids: number[]): Promise<{ groups: UserGroup[] }> {
    return this.call("GET", "groups", { ids: ids.join(",") });
  }

  /** List the members of a conversation, a page at a time. */
  members(id: number, cursor?: string): Promise<{ members: Member[]; cursor: string | null }> {
    return this.call("GET", `conversations/${id}/members`, { cursor, limit: 200 });
  }

  /** Add a person to a conversation. */
  addMember(id: number, user: number): Promise<unknown> {
    return this.call("POST", `conversations/${id}/members`, {}, { user, role: "member" });
  }

  /** Take a person out of a conversation, or leave it. */
  removeMember(id: number, user: number): Promise<unknown> {
    return this.call("DELETE", `conversations/${id}/members/${user}`);
  }

  /** Fetch people by id, at most 200. */
  users(ids: number[]): Promise<{ users: Person[] }> {
    return this.call("GET", "users", { ids: ids.join(",") });
  }

  /** Search people by name. */
  searchUsers(q: string): Promise<{ users: Person[] }> {
    return this.call("GET", "users", { q });
  }

  /** Create a conversation, or find the direct one that exists. */
  create(conversation: NewConversation): Promise<Conversation> {
    return this.call("POST", "conversations", {}, conversation);
  }

  private async call<T>(method: string, path: string, query: Query = {}, body?: unknown): Promise<T> {
    const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
    const search = pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "";
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.csrf();
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(`${this.root}${path}${search}`, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
    const problem = await response.json().catch(() => ({}));
    if (response.status === 401 || problem.code === "not_authenticated") this.signedOut();
    throw new Refusal(
      response.status,
      problem.code ?? "unavailable",
      problem.detail ?? "The server gave no reason. Try again in a moment.",
    );
  }
}

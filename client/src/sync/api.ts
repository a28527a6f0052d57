import type {
  Banned,
  Channel,
  Conversation,
  ConversationChange,
  ConversationDetails,
  Kept,
  Member,
  Message,
  Muted,
  Page,
  Person,
  Report,
  SeenBy,
  Thread,
  UserGroup,
  Version,
} from "./wire";

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

  /** List user groups by the start of their handle or name. */
  groupsStarting(q: string): Promise<{ groups: UserGroup[]; cursor: string | null }> {
    return this.call("GET", "groups", { q, limit: 200 });
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

  /** Give a member a role. */
  setRole(id: number, user: number, role: Member["role"]): Promise<unknown> {
    return this.call("POST", `conversations/${id}/members`, {}, { user, role });
  }

  /** List who may not write for a time. */
  mutes(id: number): Promise<{ mutes: Muted[] }> {
    return this.call("GET", `conversations/${id}/mutes`, { limit: 200 });
  }

  /** Keep a member from writing for so many seconds; for none, let the member write again. */
  mute(id: number, user: number, forS: number): Promise<unknown> {
    if (forS === 0) return this.call("DELETE", `conversations/${id}/mutes/${user}`);
    return this.call("POST", `conversations/${id}/mutes`, {}, { user, for_s: forS });
  }

  /** List who may not come back. */
  bans(id: number): Promise<{ bans: Banned[] }> {
    return this.call("GET", `conversations/${id}/bans`, { limit: 200 });
  }

  /** Ban somebody, who leaves by it, or lift the ban. */
  ban(id: number, user: number, on: boolean): Promise<unknown> {
    if (!on) return this.call("DELETE", `conversations/${id}/bans/${user}`);
    return this.call("POST", `conversations/${id}/bans`, {}, { user });
  }

  /** Change a conversation: all of it or nothing. */
  change(id: number, fields: ConversationChange): Promise<Conversation> {
    return this.call("PATCH", `conversations/${id}`, {}, fields);
  }

  /** Look for public channels by name. */
  channels(q: string, cursor?: string): Promise<{ channels: Channel[]; cursor: string | null }> {
    return this.call("GET", "channels", { q: q === "" ? undefined : q, cursor });
  }

  /** Join a public channel. */
  join(id: number): Promise<Conversation> {
    return this.call("POST", `conversations/${id}/join`);
  }

  /** List what is pinned, the latest message first. */
  pins(id: number): Promise<{ messages: Message[] }> {
    return this.call("GET", `conversations/${id}/pins`, { limit: 200 });
  }

  /** List what a message said, first to last. */
  versions(id: number, seq: number): Promise<{ versions: Version[] }> {
    return this.call("GET", `conversations/${id}/messages/${seq}/versions`, { limit: 200 });
  }

  /** Report a message to the moderators. */
  report(id: number, seq: number, reason: string, note: string): Promise<unknown> {
    return this.call("POST", `conversations/${id}/messages/${seq}/reports`, {}, { reason, note });
  }

  /** List what I have reported, the latest first. */
  reports(cursor?: string): Promise<{ reports: Report[]; cursor: string | null }> {
    return this.call("GET", "me/reports", { cursor });
  }

  /** Tell who has received and read a message. */
  receipts(id: number, seq: number): Promise<SeenBy> {
    return this.call("GET", `conversations/${id}/receipts`, { seq });
  }

  /** List the threads that I follow, the one that moved last first. */
  threads(cursor?: string): Promise<{ threads: Thread[]; cursor: string | null }> {
    return this.call("GET", "threads", { cursor });
  }

  /** Fetch some threads of a conversation, followed or not. */
  someThreads(conversation: number, roots: number[]): Promise<{ threads: Thread[] }> {
    return this.call("GET", "threads", { conversation, roots: roots.join(",") });
  }

  /** Fetch what my own log amounts to, a page at a time. */
  state(cursor?: string): Promise<{ state: Kept[]; seq: number; cursor: string | null }> {
    return this.call("GET", "me/state", { cursor, limit: 200 });
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

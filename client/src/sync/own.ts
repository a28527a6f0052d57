import type { Api } from "./api";
import { type Outbox, type Outgoing, OWN, type Wanted } from "./outbox";
import type { LogEvent } from "./wire";

/** The kinds of what is a person's own, with what is kept of each. */
type Kinds = "draft" | "save" | "follow" | "seen" | "level" | "prefer" | "block" | "status" | "schedule";
type Fields<K> = Omit<Extract<LogEvent, { kind: K }>, "kind" | "conversation" | "seq" | "id" | "user" | "at">;
export type Values = { [K in Kinds]: Fields<K> };

interface Word {
  seq: number;
  /** Absent where it was taken back: then nothing older counts either. */
  value?: Record<string, unknown>;
}

const KINDS = new Set(["draft", "save", "follow", "seen", "level", "prefer", "block", "status", "schedule"]);

/** What is mine alone: the last word for each kind and key, mine on their way before all. */
export class Own {
  private readonly words = new Map<string, Word>();
  private readonly onTheirWay = new Map<string, { id: string; value?: Record<string, unknown> }>();
  private isLoaded = false;

  constructor(
    private readonly api: Pick<Api, "state">,
    private readonly outbox: () => Outbox,
    private readonly changed: (kind: string) => void,
  ) {}

  /** Give what is kept of a kind under a key. */
  get<K extends Kinds>(kind: K, key: string): Values[K] | undefined {
    const name = `${kind} ${key}`;
    const sent = this.onTheirWay.get(name);
    return inForce(sent ? sent.value : this.words.get(name)?.value) as Values[K] | undefined;
  }

  /** Give all that is kept of a kind, the latest first. */
  all<K extends Kinds>(kind: K): { key: string; value: Values[K] }[] {
    const names = new Set([...this.onTheirWay.keys(), ...[...this.words.keys()].reverse()]);
    return [...names].flatMap((name) => {
      if (!name.startsWith(`${kind} `)) return [];
      const key = name.slice(kind.length + 1);
      const value = this.get(kind, key);
      return value ? [{ key, value }] : [];
    });
  }

  /** Say something of my own; it counts here at once. */
  put(wanted: Wanted): Outgoing {
    const name = nameOf(wanted.type, wanted as unknown as Record<string, unknown>);
    // An earlier word that has not gone out need not go any more.
    for (const item of this.outbox().pending(OWN)) {
      if (item.state === "waiting" && nameOf(item.frame.type, { ...item.frame }) === name) {
        this.outbox().discard(item.id);
      }
    }
    const item = this.outbox().put(wanted);
    this.onTheirWay.set(name, { id: item.id, value: leftOf(wanted.type, { ...wanted }) });
    this.changed(kindOf(wanted.type));
    return item;
  }

  /** Take a word of mine as said: it got this number. */
  acked(item: Outgoing, seq: number): void {
    const fields = { ...item.frame } as Record<string, unknown>;
    this.keep(item.frame.type, fields, seq);
    this.settle(item);
  }

  /** Take back a word of mine that was refused. */
  refused(item: Outgoing): void {
    this.settle(item);
    this.changed(kindOf(item.frame.type));
  }

  /** Apply an event of my own log. */
  apply(event: LogEvent): void {
    if (KINDS.has(event.kind) || event.kind === "unschedule") this.keep(event.kind, { ...event }, event.seq);
  }

  /** Learn all that is mine, once, or anew because too much was missed. */
  async load(anew = false): Promise<void> {
    if (this.isLoaded && !anew) return;
    this.isLoaded = true;
    try {
      let cursor: string | null | undefined;
      do {
        const page = await this.api.state(cursor ?? undefined);
        for (const { kind, key, seq, value } of page.state) this.set(kind, `${kind} ${key}`, { seq, value });
        cursor = page.cursor;
      } while (cursor);
    } catch (error) {
      this.isLoaded = false;
      throw error;
    }
  }

  private keep(type: string, fields: Record<string, unknown>, seq: number): void {
    this.set(kindOf(type), nameOf(type, fields), { seq, value: leftOf(type, fields) });
  }

  private set(kind: string, name: string, word: Word): void {
    const known = this.words.get(name);
    if (known && known.seq >= word.seq) return;
    const wasRead = known?.value?.read;
    if (kind === "seen" && typeof wasRead === "number" && wasRead >= Number(word.value?.read)) return;
    this.words.delete(name);
    this.words.set(name, word);
    this.changed(kind);
  }

  private settle(item: Outgoing): void {
    const name = nameOf(item.frame.type, { ...item.frame });
    if (this.onTheirWay.get(name)?.id === item.id) this.onTheirWay.delete(name);
  }
}

function kindOf(type: string): string {
  return type === "unschedule" ? "schedule" : type;
}

/** Name what a word is about, as the server's fold does. */
function nameOf(type: string, fields: Record<string, unknown>): string {
  const { where, thread, message, root, name, person, schedule } = fields;
  const key = {
    draft: thread === undefined ? `${where}` : `${where}/${thread}`,
    save: `${where}/${message}`,
    follow: `${where}/${root}`,
    seen: `${where}/${root}`,
    level: `${where}`,
    prefer: `${name}`,
    block: `${person}`,
    status: "",
    schedule: `${schedule}`,
    unschedule: `${schedule}`,
  }[type];
  return `${kindOf(type)} ${key}`;
}

/** Give what a word leaves; nothing where it takes something back. */
function leftOf(type: string, fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const isGone = {
    draft: `${fields.body ?? ""}`.trim() === "",
    save: fields.on === false,
    block: fields.on === false,
    level: fields.level === "all",
    prefer: fields.value === undefined || fields.value === null,
    status: !fields.emoji && !fields.text,
    unschedule: true,
  }[type];
  return isGone ? undefined : fields;
}

function inForce(value: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return typeof value?.until === "string" && Date.parse(value.until) <= Date.now() ? undefined : value;
}

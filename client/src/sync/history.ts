import type { Api } from "./api";
import type { Place } from "./log";
import type { Store } from "./store";
import type { Page } from "./wire";

const PAGE = 100;
const THREAD_PAGE = 200;
/** A newest page shows this many unread with something read above them; more of them are opened at the first. */
const SHOWN_WITH_NEWEST = 70;

/** Brings pages of history into the store; each kind of page once at a time. */
export class History {
  private readonly under = new Map<string, Promise<void>>();

  constructor(
    private readonly api: Pick<Api, "messages">,
    private readonly store: Store,
    private readonly changed: (conversation: number) => void,
  ) {}

  /** Open a conversation at its first unread message, or at the newest. */
  open(id: number): Promise<void> {
    const conversation = this.store.conversations.get(id);
    const far = conversation && conversation.read > 0 && conversation.unread > SHOWN_WITH_NEWEST;
    return far ? this.around(id, conversation.read) : this.newest(id);
  }

  /** Show the newest messages. */
  newest(id: number): Promise<void> {
    return this.load(id, "newest", {}, "newest");
  }

  /** Show the messages around a seq. */
  around(id: number, seq: number): Promise<void> {
    return this.load(id, `around ${seq}`, { around: seq }, "around");
  }

  /** Continue the window upwards. */
  async older(id: number): Promise<void> {
    const log = this.store.log(id);
    if (log.loaded && log.older) await this.load(id, "older", { before: log.window[0] }, "older");
  }

  /** Continue the window downwards. */
  async newer(id: number): Promise<void> {
    const log = this.store.log(id);
    if (log.loaded && log.newer) await this.load(id, "newer", { after: log.window.at(-1) }, "newer");
  }

  /** Bring a whole thread, its root first. */
  thread(id: number, root: number): Promise<void> {
    return this.once(`${id} thread ${root}`, async () => {
      for (let more = true, after = root - 1; more; ) {
        const page = await this.fetch(id, { thread: root, after, limit: THREAD_PAGE });
        this.store.log(id).putThread(root, page);
        this.changed(id);
        after = page.messages.at(-1)?.seq ?? after;
        more = page.more;
      }
    });
  }

  /** Bring the root that a reply names, if it is not held. */
  root(id: number, seq: number): Promise<void> {
    return this.once(`${id} root ${seq}`, async () => {
      const page = await this.fetch(id, { before: seq + 1, limit: 1 });
      this.store.log(id).putAside(page);
      this.changed(id);
    });
  }

  private load(id: number, name: string, query: Parameters<Api["messages"]>[1], place: Place): Promise<void> {
    return this.once(`${id} ${name}`, async () => {
      const log = this.store.log(id);
      const [first, last] = [log.window[0], log.window.at(-1)];
      const page = await this.fetch(id, { ...query, limit: PAGE });
      const moved =
        this.store.log(id) !== log ||
        (place === "older" && log.window[0] !== first) ||
        (place === "newer" && log.window.at(-1) !== last);
      // The window was replaced meanwhile: this page continues something that is no longer shown.
      if (moved) log.abandon();
      else log.put(page, place);
      this.changed(id);
    });
  }

  private async fetch(id: number, query: Parameters<Api["messages"]>[1]): Promise<Page> {
    const log = this.store.log(id);
    log.begin();
    try {
      return await this.api.messages(id, query);
    } catch (error) {
      log.abandon();
      throw error;
    }
  }

  private once(name: string, work: () => Promise<void>): Promise<void> {
    const running = this.under.get(name);
    if (running) return running;
    const promise = work().finally(() => this.under.delete(name));
    this.under.set(name, promise);
    return promise;
  }
}

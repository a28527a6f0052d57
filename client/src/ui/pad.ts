import type { Pad } from "../sync/drafts";
import { isMessage, memoryShelf, type Outgoing, type Shelf } from "../sync/outbox";

/** What one writes is kept in the tab's own storage until the server has it: a reload or a lost session takes nothing. */
const DRAFT = "draft ";
const OUT = "out ";

/** Keep drafts that the server may not have. */
export const pad: Pad = {
  set: (place, text) => sessionStorage.setItem(DRAFT + place, text),
  remove: (place) => sessionStorage.removeItem(DRAFT + place),
  all: () => entries(DRAFT).map(([key, text]) => [key, text]),
};

const memory = memoryShelf();

/** Keep what is on its way; of it messages and edits outlive the page. */
export const shelf: Shelf = {
  put(item) {
    memory.put(item);
    if (isMessage(item) || item.frame.type === "edit") sessionStorage.setItem(OUT + item.id, JSON.stringify(item));
  },
  remove(id) {
    memory.remove(id);
    sessionStorage.removeItem(OUT + id);
  },
  all: () => memory.all(),
};

/** Say whose tab this is, and give what that person's earlier page left; somebody else's is forgotten. */
export function leftBy(user: number): Outgoing[] {
  const owner = `${user}`;
  if (sessionStorage.getItem("owner") !== owner) sessionStorage.clear();
  sessionStorage.setItem("owner", owner);
  const left = entries(OUT).map(([, text]) => JSON.parse(text) as Outgoing);
  return left.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Forget all of it: somebody signs out. */
export function forget(): void {
  sessionStorage.clear();
}

function entries(prefix: string): [string, string][] {
  return Object.keys(sessionStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => [key.slice(prefix.length), sessionStorage.getItem(key) ?? ""]);
}

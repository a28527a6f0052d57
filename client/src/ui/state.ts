import { type Signal, signal } from "@preact/signals";
import { Api } from "../sync/api";
import type { Outgoing } from "../sync/outbox";
import { PollWire } from "../sync/poll";
import type { Phase, Wire } from "../sync/socket";
import { StreamWire } from "../sync/stream";
import { Ways } from "../sync/ways";
import type { Person } from "../sync/wire";
import { Workspace } from "../sync/workspace";
import { leftBy, pad, shelf } from "./pad";

/** The socket's state, for the banner. */
export const phase = signal<Phase>("connecting");
/** Turns with every change of the list of conversations, and of their counts. */
export const listed = signal(0);
/** Turns when names become known. */
export const named = signal(0);
/** Whether the first list has arrived. */
export const ready = signal(false);

/** Turns when it changes who is here or who writes. */
export const nearby = signal(0);
/** Turns when threads change. */
export const threaded = signal(0);
/** What was last refused, for a word about it. */
export const refused = signal<Outgoing | undefined>(undefined);

const shown = new Map<number, Signal<number>>();
const ownTurns = new Map<string, Signal<number>>();

/** Give the signal that turns when something of my own changes, of a kind. */
export function owned(kind: string): Signal<number> {
  const known = ownTurns.get(kind) ?? signal(0);
  ownTurns.set(kind, known);
  return known;
}

/** Give the signal that turns with every change of what is shown of a conversation. */
export function turns(conversation: number): Signal<number> {
  const known = shown.get(conversation) ?? signal(0);
  shown.set(conversation, known);
  return known;
}

const door = { root: "/api/v1/", csrf };
const ways = new Ways(
  [openSocket, () => new StreamWire(door), () => new PollWire(door)],
  () => workspace.socket.reopen(),
  async () => (await fetch(`${door.root}me`, { signal: AbortSignal.timeout(10_000) })).status < 500,
);

/** The workspace of whoever is signed in at this origin. */
export const workspace: Workspace = new Workspace(
  new Api("/api/v1/", csrf, leave),
  ways.open,
  {
    changed: (id) => soon(turns(id), listed),
    listed: () => soon(listed),
    named: () => soon(named),
    owned: (kind) => soon(owned(kind)),
    nearby: () => soon(nearby),
    threaded: () => soon(threaded),
    refused: (item) => {
      refused.value = item;
    },
    greeted: () => {
      workspace.outbox.resume(leftBy(workspace.store.me!.id));
      workspace.drafts.restore();
    },
    phase: (now) => {
      phase.value = now;
      if (now === "live") ready.value = true;
      if (now === "ended") leave();
    },
  },
  { shelf, pad },
);

/** Give who is signed in, once the server has said. */
export function me(): Person | undefined {
  return workspace.store.me;
}

/** Give the name of a person, or of a user group, or a stand-in until it is known. */
export function nameOf(id: number, of?: "group"): string {
  named.value;
  if (of === "group") return workspace.groups.handle(id) ?? "…";
  const person = workspace.people.get(id);
  return person ? person.name || person.username : "…";
}

/** Give the token that proves a request was made by this page. */
export function csrf(): string {
  return /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

const due = new Set<Signal<number>>();

/** Turn signals once a frame, however many events come between: a hidden page has no frames, so it takes a timer. */
function soon(...signals: Signal<number>[]): void {
  if (due.size === 0) {
    if (document.visibilityState === "visible") requestAnimationFrame(turnDue);
    else setTimeout(turnDue, 250);
  }
  for (const one of signals) due.add(one);
}

function turnDue(): void {
  const now = [...due];
  due.clear();
  for (const one of now) one.value += 1;
}

/** What was being written stays in this tab, for the same person's return. */
function leave(): void {
  const next = location.pathname === "/" ? "" : `?next=${encodeURIComponent(location.pathname)}`;
  location.assign(`/signin/${next}`);
}

function openSocket(): Wire {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/ws/`, "parley.json") as Wire;
}

addEventListener("online", () => {
  workspace.socket.connect();
  ways.again();
});
function tellAll(): void {
  workspace.reading.flush();
  workspace.drafts.flush();
}

addEventListener("pagehide", tellAll);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") workspace.socket.connect();
  else tellAll();
});
for (const name of ["keydown", "pointerdown"])
  addEventListener(name, () => workspace.nearby.active(), { passive: true });

// Automatic log-off: a page that nobody has touched for as long as a session may idle shows the sign-in page.
// Tabs of one browser share a session, so they share when somebody last touched any of them.

const KEY = "parley:touched";
/** A session's last use is written once a minute: it may end so much later. */
const LATE_MS = 65_000;
const LOOK_EVERY_MS = 15_000;
const NOTE_EVERY_MS = 5_000;

const meta = document.querySelector<HTMLMetaElement>('meta[name="parley-idle"]');
const idleMs = Number(meta?.content ?? 0) * 60_000;

function touched(): number {
  return Number(localStorage.getItem(KEY) ?? 0);
}

function note(): void {
  if (Date.now() - touched() > NOTE_EVERY_MS) localStorage.setItem(KEY, `${Date.now()}`);
}

function look(): void {
  if (Date.now() - touched() <= idleMs + LATE_MS) return;
  const here = location.pathname + location.search;
  location.assign(`/signin/?next=${encodeURIComponent(here)}`);
}

if (idleMs > 0) {
  note();
  for (const event of ["keydown", "pointerdown", "wheel"]) addEventListener(event, note, { passive: true });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_EVERY_MS);
}

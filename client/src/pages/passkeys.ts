// Forms of a passkey: `data-passkey` says what for. The answer goes to the server as a field of the form.

import { make, type Options, show } from "./webauthn";

/** An offer in the browser's autofill is renewed before its challenge is too old. */
const RENEWED_AFTER = 0.8;

let running = new AbortController();

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

async function ask(form: HTMLFormElement): Promise<{ options: Options; lasts_s: number }> {
  const body = new URLSearchParams({ purpose: form.dataset.passkey ?? "" });
  const headers = { Accept: "application/json", "X-CSRFToken": field(form, "csrfmiddlewaretoken").value };
  const answer = await fetch("/passkeys/options/", { method: "POST", body, headers });
  const said = await answer.json();
  if (answer.ok) return said;
  if (said.code === "step_up") location.assign(`/stepup/?next=${encodeURIComponent(location.pathname)}&again=1`);
  throw new Error(said.detail);
}

function send(form: HTMLFormElement, answer: string): void {
  field(form, "passkey").value = answer;
  form.submit();
}

/** Say what went wrong, in words of ours: a browser tells no more than that it was refused or took too long. */
function explain(form: HTMLFormElement, error: unknown): void {
  const line = form.querySelector<HTMLElement>("[data-problem]");
  if (!line) return;
  const sentences: Record<string, string> = {
    NotAllowedError: "No passkey was used: it was cancelled, took too long, or this device has none for here.",
    InvalidStateError: "This device has a passkey for you already.",
    SecurityError: "The browser refuses passkeys at this address.",
    TypeError: "The server did not answer. Check your connection and try again.",
  };
  line.textContent =
    (error instanceof Error && (sentences[error.name] ?? error.message)) || "That did not work. Try again.";
  line.hidden = false;
}

async function use(form: HTMLFormElement): Promise<void> {
  running.abort();
  running = new AbortController();
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  try {
    const { options } = await ask(form);
    send(form, await (options.user ? make : show)(options, running.signal));
  } catch (error) {
    explain(form, error);
    if (button) button.disabled = false;
    if (form.dataset.passkey === "signin") void offer(form);
  }
}

/** Let the browser offer passkeys where the username is typed. */
async function offer(form: HTMLFormElement): Promise<void> {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const mine = new AbortController();
  running = mine;
  try {
    const { options, lasts_s } = await ask(form);
    const renewal = setTimeout(() => mine.abort("renewed"), lasts_s * RENEWED_AFTER * 1000);
    send(form, await show(options, mine.signal, true).finally(() => clearTimeout(renewal)));
  } catch {
    // nobody asked for it, so nobody is told
    if (mine.signal.reason === "renewed") void offer(form);
  }
}

// No passkey can be made for an address in numbers.
if (window.PublicKeyCredential && !/^[\d.]+$|:/.test(location.hostname)) {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void use(form);
    });
    if (form.dataset.passkey === "signin") void offer(form);
  }
  for (const hint of document.querySelectorAll<HTMLElement>("[data-without-passkeys]")) hint.hidden = true;
}

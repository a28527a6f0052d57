// Keeping recovery codes: copy, print, download.

const codes = Array.from(document.querySelectorAll("[data-codes] code"), (code) => code.textContent ?? "");
const said = document.querySelector<HTMLElement>("[data-said]");

function button(selector: string, press: (button: HTMLElement) => void): void {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) return;
  found.hidden = false;
  found.addEventListener("click", () => press(found));
}

async function copy(): Promise<void> {
  if (!said) return;
  try {
    await navigator.clipboard.writeText(codes.join("\n"));
    said.textContent = said.dataset.copied ?? "";
  } catch {
    said.textContent = said.dataset.notCopied ?? "";
  }
}

function download(workspace: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }));
  link.download = `recovery codes ${workspace}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
}

button("[data-copy]", () => void copy());
button("[data-print]", () => window.print());
button("[data-download]", (found) => download(found.dataset.download ?? ""));

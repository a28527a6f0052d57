const ADDRESS = /https?:\/\/[\p{L}\p{N}][^\s<>"`]{0,2000}/iuy;
const LONGEST_ADDRESS = 2_000;
const TRAILING = new Set(".,:;!?'*_~)]}");
const PAIRS: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Give the address if it is one that a message may link to: http or https, with a host. */
export function safeAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  try {
    const url = new URL(text);
    return url.hostname === "" ? undefined : url.href;
  } catch {
    return undefined;
  }
}

/** Find the address that starts at `at`, without the punctuation of the sentence around it. */
export function addressAt(text: string, at: number): string | undefined {
  ADDRESS.lastIndex = at;
  const found = ADDRESS.exec(text)?.[0];
  if (!found) return undefined;
  let end = found.length;
  // How many more brackets close than open: those at the end belong to the sentence, the others to the address.
  const surplus = new Map(
    Object.entries(PAIRS).map(([close, open]) => [close, count(found, close) - count(found, open)]),
  );
  for (let last = found[end - 1]!; TRAILING.has(last); last = found[end - 1]!) {
    const unopened = surplus.get(last);
    if (unopened !== undefined && unopened <= 0) break;
    if (unopened !== undefined) surplus.set(last, unopened - 1);
    end -= 1;
  }
  return /^https?:\/\/./i.test(found.slice(0, end)) ? found.slice(0, end) : undefined;
}

/** Give what stands from `at` to the bracket that closes it, brackets inside in pairs, without spaces. */
export function addressUntilBracket(text: string, at: number): string | undefined {
  const longest = Math.min(text.length, at + LONGEST_ADDRESS);
  for (let end = at, open = 1; end < longest; end += 1) {
    const char = text[end]!;
    if (/[\s<>]/.test(char)) return undefined;
    if (char === "(") open += 1;
    if (char === ")") open -= 1;
    if (open === 0) return text.slice(at, end);
  }
  return undefined;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

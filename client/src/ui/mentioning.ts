import type { Person } from "../sync/wire";
import { workspace } from "./state";

const MOST = 6;

/** The piece of a name that is being typed, and where it starts. */
export interface Fragment {
  start: number;
  text: string;
}

/** Find the name that is being typed before the caret. */
export function fragmentAt(text: string, caret: number): Fragment | undefined {
  const found = /(?:^|[\s(])@([\p{L}\p{N}._|^`\\[\]{}-]{0,40})$/u.exec(text.slice(0, caret));
  return found ? { start: caret - found[1]!.length - 1, text: found[1]! } : undefined;
}

/** Offer members whose name begins with, or else contains, what was typed. */
export function candidates(conversation: number, typed: string): Person[] {
  const people = (workspace.members.of(conversation)?.members ?? []).map((member) => member.user);
  const lower = typed.toLowerCase();
  const begins = people.filter((person) => nameStarts(person, lower));
  const holds = people.filter((person) => !begins.includes(person) && person.username.toLowerCase().includes(lower));
  return [...begins, ...holds].slice(0, MOST);
}

/** Turn each @username of a member into a mention of that person, and @channel and @here into calls for everyone. */
export function withMentions(conversation: number, text: string): string {
  const members = workspace.members.of(conversation)?.members ?? [];
  const ids = new Map(members.map(({ user }) => [user.username.toLowerCase(), user.id]));
  return text.replace(/(^|[\s(])@(\S{1,60})/g, (whole, before: string, word: string) => {
    const call = /^(channel|here)(?![\p{L}\p{N}])/u.exec(word);
    if (call) return `${before}<!${call[1]}>${word.slice(call[0].length)}`;
    // Names may end in punctuation, and sentences too: the longest name that is known wins.
    for (let end = word.length; end > 0; end -= 1) {
      const name = word.slice(0, end).toLowerCase();
      const id = ids.get(name) ?? workspace.people.byUsername(name)?.id;
      if (id !== undefined) return `${before}<@${id}>${word.slice(end)}`;
      if (/[\p{L}\p{N}]/u.test(word[end - 1]!)) break;
    }
    return whole;
  });
}

/** Turn mentions back into what people type, for an edit. */
export function withNames(body: string): string {
  return body
    .replace(/<@(\d+)>/g, (whole, id: string) => {
      const person = workspace.people.get(Number(id));
      return person ? `@${person.username}` : whole;
    })
    .replace(/<!(channel|here)>/g, "@$1");
}

function nameStarts(person: Person, lower: string): boolean {
  return person.username.toLowerCase().startsWith(lower) || person.name.toLowerCase().startsWith(lower);
}

import type { Person } from "../sync/wire";
import { workspace } from "./state";

const MOST = 8;
const MOST_GROUPS = 3;
const CALLS = ["channel", "here"];
const NOBODY: ReadonlyMap<string, string> = new Map();

/** The piece of a name that is being typed, and where it starts. */
export interface Fragment {
  start: number;
  text: string;
}

/** Somebody who can be mentioned: what is typed after @, and whom it means; `person` is the id of one. */
export interface Offer {
  word: string;
  means: string;
  person?: number;
}

/** Find the name that is being typed before the caret. */
export function fragmentAt(text: string, caret: number): Fragment | undefined {
  const found = /(?:^|[\s(])@([\p{L}\p{N}._|^`\\[\]{}-]{0,40})$/u.exec(text.slice(0, caret));
  return found ? { start: caret - found[1]!.length - 1, text: found[1]! } : undefined;
}

/** Offer members and groups whose name begins with what was typed, everybody, and members whose name contains it. */
export function candidates(conversation: number, typed: string): Offer[] {
  const people = (workspace.members.of(conversation)?.members ?? []).map((member) => member.user);
  const lower = typed.toLowerCase();
  const begins = people.filter((person) => nameStarts(person, lower));
  const holds = people.filter((person) => !begins.includes(person) && person.username.toLowerCase().includes(lower));
  const several = offersOfSeveral(conversation, lower);
  const nearest = begins.slice(0, MOST - several.length).map(offerOf);
  return [...nearest, ...several, ...holds.map(offerOf)].slice(0, MOST);
}

/** Groups, and everybody; between two people there is nobody else to call. */
function offersOfSeveral(conversation: number, lower: string): Offer[] {
  if (workspace.store.conversations.get(conversation)?.kind === "direct") return [];
  const groups = workspace.groups.starting(lower).slice(0, MOST_GROUPS);
  const calls = CALLS.filter((call) => call.startsWith(lower));
  return [
    ...groups.map(({ handle, name }) => ({ word: handle, means: name })),
    ...calls.map((word) => ({ word, means: "Everybody in this conversation" })),
  ];
}

function offerOf({ id, username, name }: Person): Offer {
  return { word: username, means: name, person: id };
}

/**
 * Turn each name after @ into a mention: of a member, of a user group, or, for @channel and @here, of everybody.
 * `meant` says what some names stand for already, whoever has them now.
 */
export function withMentions(conversation: number, text: string, meant = NOBODY): string {
  const members = workspace.members.of(conversation)?.members ?? [];
  const ids = new Map(members.map(({ user }) => [user.username.toLowerCase(), user.id]));
  const mentionOf = (name: string): string | undefined => {
    const known = meant.get(name);
    if (known) return known;
    const id = ids.get(name) ?? workspace.people.byUsername(name)?.id;
    if (id !== undefined) return `<@${id}>`;
    const group = workspace.groups.byHandle(name);
    return group && `<&${group.id}>`;
  };
  return text.replace(/(^|[\s(])@(\S{1,60})/g, (whole, before: string, word: string) => {
    const call = /^(channel|here)(?![\p{L}\p{N}])/u.exec(word);
    if (call) return `${before}<!${call[1]}>${word.slice(call[0].length)}`;
    // Names may end in punctuation, and sentences too: the longest name that is known wins.
    for (let end = word.length; end > 0; end -= 1) {
      const mention = mentionOf(word.slice(0, end).toLowerCase());
      if (mention) return `${before}${mention}${word.slice(end)}`;
      if (/[\p{L}\p{N}]/u.test(word[end - 1]!)) break;
    }
    return whole;
  });
}

/** A text as people type it, and which mention each name in it stands for. */
export interface Typed {
  text: string;
  meant: ReadonlyMap<string, string>;
}

/** Turn mentions back into what people type, for an edit; of two with one name the second stays as it is. */
export function asTyped(body: string): Typed {
  const meant = new Map<string, string>();
  const text = body
    .replace(/<([@&])(\d+)>/g, (mention, sign: string, id: string) => {
      const name = sign === "@" ? workspace.people.get(Number(id))?.username : workspace.groups.handle(Number(id));
      const known = name && (meant.get(name.toLowerCase()) ?? mention);
      if (known !== mention) return mention;
      meant.set(name!.toLowerCase(), mention);
      return `@${name}`;
    })
    .replace(/<!(channel|here)>/g, "@$1");
  return { text, meant };
}

/** Give a text with names in place of mentions. */
export function withNames(body: string): string {
  return asTyped(body).text;
}

function nameStarts(person: Person, lower: string): boolean {
  return person.username.toLowerCase().startsWith(lower) || person.name.toLowerCase().startsWith(lower);
}

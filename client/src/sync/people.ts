import type { Api } from "./api";
import { Gathering } from "./gathering";
import type { Person, Whereabout } from "./wire";

/** Names by id: what is not known yet is asked for. */
export class People {
  private readonly known = new Map<number, Person>();
  private readonly unknown = new Gathering((ids) => this.ask(ids));

  constructor(
    private readonly api: Pick<Api, "users">,
    private readonly changed: () => void,
  ) {}

  /** Give a person, or ask the server for the name and give nothing yet. */
  get(id: number): Person | undefined {
    const person = this.known.get(id);
    if (!person) this.unknown.want(id);
    return person;
  }

  /** Find a person whose name has been seen. */
  byUsername(username: string): Person | undefined {
    const lower = username.toLowerCase();
    for (const person of this.known.values()) if (person.username.toLowerCase() === lower) return person;
    return undefined;
  }

  /** Remember people that came with something else, which doesn't tell how they say that they are. */
  add(people: Person[]): void {
    this.learn(people.map((person) => ({ ...person, status: this.known.get(person.id)?.status })));
  }

  /** Take news of how people who are watched say that they are; of whom nothing is told it stays as it is known. */
  say(news: Whereabout[]): void {
    const told = news.filter(({ status, user }) => status !== undefined && this.known.has(user));
    this.learn(told.map(({ user, says }) => ({ ...(this.known.get(user) as Person), status: says })));
  }

  /** Ask anew how people say that they are. */
  refresh(ids: number[]): void {
    for (const id of ids) this.unknown.want(id);
  }

  private learn(people: Person[]): void {
    let news = false;
    for (const person of people) {
      const before = this.known.get(person.id);
      if (before && saysSame(before, person)) continue;
      this.known.set(person.id, person);
      news = true;
    }
    if (news) this.changed();
  }

  private async ask(ids: number[]): Promise<void> {
    const { users } = await this.api.users(ids);
    // Whom the server does not name it will not name next time either.
    const unnamed = ids.filter((id) => !users.some((person) => person.id === id));
    this.learn([...users, ...unnamed.map((id) => ({ id, username: `${id}`, name: "Unknown person" }))]);
  }
}

function saysSame(one: Person, other: Person): boolean {
  const isNamed = one.name === other.name && one.username === other.username;
  return isNamed && JSON.stringify(one.status) === JSON.stringify(other.status);
}

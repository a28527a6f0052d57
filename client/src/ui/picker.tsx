import { useEffect, useState } from "preact/hooks";
import type { Person } from "../sync/wire";
import { Icon } from "./icon";
import { Face } from "./person";
import { me, workspace } from "./state";

const PAUSE_MS = 150;

interface Props {
  label: string;
  chosen: Person[];
  choose: (people: Person[]) => void;
}

/** Choose people by searching for them. */
export function Picker({ label, chosen, choose }: Props) {
  const [typed, setTyped] = useState("");
  const [found, setFound] = useState<Person[]>();
  const [trouble, setTrouble] = useState<string>();

  useEffect(() => {
    setFound(undefined);
    if (typed.trim() === "") return;
    let stale = false;
    const timer = setTimeout(async () => {
      try {
        const { users } = await workspace.api.searchUsers(typed.trim());
        workspace.people.add(users);
        if (!stale) setFound(users.filter((person) => person.id !== me()?.id));
      } catch (error) {
        if (!stale) setTrouble((error as Error).message);
      }
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [typed]);

  const open = found?.filter((person) => !chosen.some((one) => one.id === person.id));
  const add = (person: Person) => {
    choose([...chosen, person]);
    setTyped("");
  };
  return (
    <div class="picker">
      <label class="field">
        <span>{label}</span>
        <input
          type="search"
          value={typed}
          placeholder="Type a name"
          autoComplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || typed === "") return;
            event.preventDefault();
            if (open?.[0]) add(open[0]);
          }}
        />
      </label>
      {chosen.length > 0 && (
        <ul class="chosen" aria-label="Chosen people">
          {chosen.map((person) => (
            <li key={person.id}>
              {person.name || person.username}
              <button
                type="button"
                aria-label={`Take out ${person.name || person.username}`}
                onClick={() => choose(chosen.filter((one) => one !== person))}
              >
                <Icon of="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {trouble && <p role="alert">{trouble}</p>}
      {open && (
        <ul class="found" aria-label="People found">
          {open.slice(0, 8).map((person) => (
            <li key={person.id}>
              <button type="button" onClick={() => add(person)}>
                <Face user={person.id} small />
                <b>{person.name || person.username}</b>
                <span>@{person.username}</span>
              </button>
            </li>
          ))}
          {open.length === 0 && <li class="none">Nobody is called that.</li>}
        </ul>
      )}
    </div>
  );
}

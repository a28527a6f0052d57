import type { Conversation } from "../sync/wire";
import { owned, workspace } from "./state";
import { dueOf } from "./time";

type Level = "all" | "mentions" | "none";

const WORDS: Record<Level, string> = {
  all: "Everything",
  mentions: "Mentions only",
  none: "Nothing",
};
const HOURS: [number | undefined, string][] = [
  [undefined, "Until I change it"],
  [1, "For an hour"],
  [8, "For eight hours"],
  [24, "For a day"],
];

/** Choose how much of a conversation wants me, and for how long. */
export function Notifying({ conversation: { id } }: { conversation: Conversation }) {
  owned("level").value;
  const kept = workspace.own.get("level", `${id}`);
  const level: Level = kept?.level ?? "all";
  const choose = (now: Level, hours?: number) => {
    const until = hours === undefined || now === "all" ? undefined : new Date(Date.now() + hours * 3_600_000);
    workspace.own.put({ type: "level", where: id, level: now, ...(until ? { until: until.toISOString() } : {}) });
  };
  return (
    <section>
      <label class="field">
        <span>Notify me of</span>
        <select value={level} onChange={(event) => choose(event.currentTarget.value as Level)}>
          {Object.entries(WORDS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {level !== "all" && (
        <label class="field">
          <span>For how long</span>
          <select
            value=""
            onChange={(event) => {
              const hours = event.currentTarget.value;
              choose(level, hours === "0" ? undefined : Number(hours));
            }}
          >
            <option value="" hidden>
              {kept?.until ? `Until ${dueOf(kept.until)}` : "Until I change it"}
            </option>
            {HOURS.map(([hours, words]) => (
              <option key={words} value={hours ?? 0}>
                {words}
              </option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
}

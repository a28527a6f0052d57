import { useEffect, useState } from "preact/hooks";
import type { Report } from "../sync/wire";
import { useCited } from "./cited";
import { Cited, Empty, Item, titleAt } from "./item";
import { Loading, Trouble } from "./loading";
import { OUTCOMES, REASONS } from "./reasons";
import { nameOf, workspace } from "./state";
import { momentOf, whenOf } from "./time";

/** List what I reported to the moderators, the latest first, with what they decided. */
export function Reported() {
  const [reports, setReports] = useState<Report[]>([]);
  const [cursor, setCursor] = useState<string | null>();
  const [trouble, setTrouble] = useState<string>();
  const load = () => {
    setTrouble(undefined);
    workspace.api.reports(cursor ?? undefined).then(
      (page) => {
        setReports((before) => [...before, ...page.reports]);
        setCursor(page.cursor);
      },
      (error: Error) => setTrouble(error.message),
    );
  };
  useEffect(load, []);
  if (trouble !== undefined) return <Trouble detail={trouble} again={load} />;
  if (cursor === undefined) return <Loading />;
  if (reports.length === 0)
    return (
      <Empty title="Nothing reported">
        You can report a message to the moderators from its menu. What became of it is shown here, to you alone.
      </Empty>
    );
  return (
    <>
      <ul aria-label="What I reported">
        {reports.map((report) => (
          <ReportItem key={report.id} {...report} />
        ))}
      </ul>
      {cursor !== null && (
        <button type="button" class="button" onClick={load}>
          Show more
        </button>
      )}
    </>
  );
}

function ReportItem({ conversation, seq, reason, note, at, outcome, decided_at }: Report) {
  const message = useCited(conversation, seq);
  return (
    <Item
      to={{ conversation, seq }}
      user={message?.user}
      facts={
        <>
          <b>{message ? nameOf(message.user) : titleAt(conversation)}</b>
          {message && <span>{titleAt(conversation)}</span>}
          <span title={momentOf(at)}>reported {whenOf(at)}</span>
        </>
      }
      deeds={
        <p class="outcome">
          {REASONS[reason]}
          {note && <q>{note}</q>}
          {decided_at === undefined ? (
            <b>Not decided yet</b>
          ) : (
            <b title={momentOf(decided_at)}>
              {outcome ? OUTCOMES[outcome] : "Decided"}, {whenOf(decided_at)}
            </b>
          )}
        </p>
      }
    >
      <Cited conversation={conversation} seq={seq} />
    </Item>
  );
}

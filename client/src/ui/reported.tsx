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
  const [isAsking, setAsking] = useState(false);
  const load = async () => {
    if (isAsking) return; // pressed twice, a page would be shown twice
    setAsking(true);
    setTrouble(undefined);
    try {
      const page = await workspace.api.reports(cursor ?? undefined);
      setReports((before) => [...before, ...page.reports]);
      setCursor(page.cursor);
    } catch (error) {
      setTrouble((error as Error).message);
    }
    setAsking(false);
  };
  useEffect(() => void load(), []);
  if (cursor === undefined) return trouble === undefined ? <Loading /> : <Trouble detail={trouble} again={load} />;
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
      {trouble !== undefined && <Trouble detail={trouble} again={load} />}
      {cursor !== null && trouble === undefined && (
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

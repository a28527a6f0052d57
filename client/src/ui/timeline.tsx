import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { claimed } from "../sync/fold";
import type { Conversation } from "../sync/wire";
import { awaited, refusals } from "./awaited";
import { useFocus } from "./focus";
import { Icon } from "./icon";
import { Loading, Trouble } from "./loading";
import { go } from "./route";
import { RowItem } from "./row";
import { keepSame, layOut, type Row } from "./rows";
import { Scroller, type Start, type View } from "./scroller";
import { me, turns, workspace } from "./state";
import { dayOf } from "./time";
import { markedTitle } from "./title";

/** Where a conversation was left, so that it is found again as it was. */
const places = new Map<number, { epoch: number; key: string }>();

/** Show a conversation's messages, and bring what is missing as one scrolls. */
export function Timeline({ conversation, target }: { conversation: Conversation; target?: number }) {
  const { id } = conversation;
  const turn = turns(id).value;
  const log = workspace.store.log(id);
  const focused = useFocus();
  const scroller = useRef<Scroller>(null);
  const [view, setView] = useState<View>({ atEnd: false, first: undefined, last: undefined });
  const [trouble, setTrouble] = useState<string>();
  const toEnd = useRef(false);
  const line = useNewLine(conversation, focused);
  const shows = target === undefined || log.entry(target) !== undefined;

  const open = () => {
    setTrouble(undefined);
    const { history } = workspace;
    const opening = target === undefined ? history.open(id) : history.around(id, target);
    opening.catch((error: Error) => setTrouble(error.message));
  };
  // What was asked for is fetched once: a target that the server doesn't show stays away.
  useEffect(() => {
    if (!log.loaded || !shows) open();
  }, [id, target, log]);

  const draw = useCallback((row: Row) => <RowItem row={row} target={target} />, [target]);
  const before = useRef<Row[]>([]);
  const rows = useMemo(() => {
    const entries = awaited(
      id,
      log.window.flatMap((seq) => log.entry(seq) ?? []),
    );
    const outgoing = log.newer ? [] : workspace.outbox.messages(id);
    const namesReaders = !log.newer && workspace.namesReaders(id);
    const options = { me: me()?.id, readBefore: line, fromStart: !log.older, target, namesReaders, ...refusals(id) };
    before.current = keepSame(layOut(entries, outgoing, options), before.current);
    return before.current;
  }, [id, turn, line, log, target]);

  useEffect(() => {
    log.readingEnd = view.atEnd;
    if (!focused || !log.loaded) return;
    const seen = view.atEnd ? conversation.seq : seqOf(rows, view.last);
    if (seen !== undefined) workspace.reading.seen(id, seen);
  }, [focused, view, turn]);

  const toNewest = () => {
    toEnd.current = true;
    if (target !== undefined) go({ conversation: id }, "replace");
    if (log.newer) void workspace.history.newest(id).catch(() => undefined);
    else scroller.current?.toEnd();
  };
  const said = workspace.outbox.messages(id).findLast(({ frame }) => frame.thread === undefined || frame.also);
  useFollow(said?.id ?? "", toNewest);

  if (trouble !== undefined && !log.loaded) return <Trouble detail={trouble} again={open} />;
  if (!log.loaded || (!shows && trouble === undefined && log.epoch === 0)) return <Loading />;

  const bring = (end: "older" | "newer") => void workspace.history[end](id).catch(() => undefined);
  return (
    <div class="timeline">
      <Scroller
        key={`${id} ${log.epoch} ${target ?? ""}`}
        hold={scroller}
        rows={rows}
        label="Messages"
        start={toEnd.current && target === undefined ? "end" : startOf(id, rows, log.epoch, target)}
        complete={!log.newer}
        draw={draw}
        above={log.older ? <Loading /> : <Beginning conversation={conversation} />}
        near={bring}
        view={(now) => {
          if (now.atEnd || now.last === undefined) places.delete(id);
          else places.set(id, { epoch: log.epoch, key: now.last });
          if (now.atEnd !== view.atEnd || now.first !== view.first || now.last !== view.last) setView(now);
        }}
      />
      {!view.atEnd && <DayHere row={rows.find((row) => row.key === view.first)} />}
      {(!view.atEnd || log.newer) && (
        <ToNewest rows={rows} last={view.last} newer={log.newer} head={conversation.seq} go={toNewest} />
      )}
    </div>
  );
}

/** Say in the margin which day one is reading, where its line is out of sight. */
function DayHere({ row }: { row: Row | undefined }) {
  if (row?.type !== "message") return null;
  return (
    <b class="day-here" aria-hidden="true">
      {dayOf(claimed(row.message))}
    </b>
  );
}

interface ToNewestProps {
  rows: Row[];
  last?: string;
  newer: boolean;
  head: number;
  go: () => void;
}

/** Say how much was said below since one left the end, and lead there. */
function ToNewest({ rows, last, newer, head, go }: ToNewestProps) {
  const left = useRef(head);
  const fresh = rows.filter(
    (row) => row.type === "message" && row.message.seq > left.current && row.message.user !== me()?.id,
  ).length;
  const far = newer || rows.length - rows.findIndex((row) => row.key === last) > 10;
  if (fresh === 0 && !far) return null;
  return (
    <button type="button" class={`newest${fresh > 0 ? " fresh" : ""}`} onClick={go}>
      <Icon of="down" size={15} />
      {fresh === 0 ? "Newest" : fresh === 1 ? "1 new message" : `${fresh} new messages`}
    </button>
  );
}

function Beginning({ conversation }: { conversation: Conversation }) {
  return (
    <div class="beginning">
      <h2>{markedTitle(conversation)}</h2>
      <p>The record begins here.</p>
    </div>
  );
}

/** Keep the line above what was unread when one came, or came back, until one leaves. */
function useNewLine(conversation: Conversation, focused: boolean): number | undefined {
  const line = useRef<{ id: number; after?: number }>({ id: 0 });
  const { id, read, unread } = conversation;
  const after = unread > 0 && read > 0 ? read : undefined;
  if (line.current.id !== id) line.current = { id, after };
  else if (!focused) line.current = { id, after };
  return line.current.after;
}

/** Follow what I say: it is said at the end. Ids of version 7 grow, so a greater one is a further message. */
function useFollow(lastSaid: string, follow: () => void): void {
  const known = useRef(lastSaid);
  useEffect(() => {
    if (lastSaid > known.current) {
      known.current = lastSaid;
      follow();
    }
  }, [lastSaid]);
}

function startOf(id: number, rows: Row[], epoch: number, target?: number): Start {
  const wanted =
    target === undefined ? undefined : rows.find((row) => row.type === "message" && row.message.seq === target);
  if (wanted) return { key: wanted.key, share: 0.3 };
  if (rows.some((row) => row.type === "new")) return { key: "new", share: 0.2 };
  const place = places.get(id);
  if (place?.epoch === epoch && rows.some((row) => row.key === place.key)) return { key: place.key, share: 0.9 };
  return "end";
}

function seqOf(rows: Row[], key: string | undefined): number | undefined {
  const row = rows.find((one) => one.key === key);
  return row?.type === "message" ? row.message.seq : undefined;
}

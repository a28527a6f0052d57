import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { claimed } from "../sync/fold";
import type { Conversation } from "../sync/wire";
import { awaited, refusals } from "./awaited";
import { BesideHead } from "./beside";
import { useClosed } from "./closed";
import { Composer } from "./composer";
import { useFocus, useFocusBack } from "./focus";
import { Icon } from "./icon";
import { Loading, Trouble } from "./loading";
import { MessageItem } from "./message";
import { RowItem } from "./row";
import { layOut, type Row } from "./rows";
import { Scroller } from "./scroller";
import { me, threaded, turns, workspace } from "./state";
import { figure } from "./time";

/** Where the "New" line stands in a thread: above what was unread when it was opened. */
function useNewReplies(conversation: number, root: number): number | undefined {
  threaded.value;
  const thread = workspace.threads.of(conversation, root);
  const line = useRef<{ key: string; after?: number }>({ key: "" });
  const key = `${conversation}/${root}`;
  if (line.current.key !== key && thread) line.current = { key, after: thread.unread > 0 ? thread.read : undefined };
  return line.current.key === key ? line.current.after : undefined;
}

function drawReply(row: Row) {
  return <RowItem row={row} inThread />;
}

/** Show a thread beside its conversation: the root, the replies, and a place to answer. */
export function Thread({ conversation, root }: { conversation: Conversation; root: number }) {
  const { id } = conversation;
  useFocusBack();
  const turn = turns(id).value;
  const log = workspace.store.log(id);
  const scroller = useRef<Scroller>(null);
  const [trouble, setTrouble] = useState<string>();
  const messages = log.thread(root);

  const focused = useFocus();
  const closed = useClosed(conversation);
  const [atEnd, setAtEnd] = useState(true);
  const line = useNewReplies(id, root);
  const thread = workspace.threads.of(id, root);

  const open = () => {
    setTrouble(undefined);
    workspace.threads.ask(id, root);
    workspace.history.thread(id, root).catch((error: Error) => setTrouble(error.message));
  };
  useEffect(() => {
    open();
    return () => workspace.store.kept(id)?.closeThread(root);
  }, [id, root, log]);

  const replies = useMemo(() => messages?.filter((message) => message.seq !== root) ?? [], [turn, root, log]);
  const first = log.message(root);
  const rows = useMemo(() => {
    const outgoing = workspace.outbox.messages(id).filter((item) => item.frame.thread === root);
    const options = { me: me()?.id, inThread: true, readBefore: line, since: first && claimed(first), ...refusals(id) };
    return layOut(awaited(id, replies), outgoing, options);
  }, [replies, turn, line]);

  const last = replies.at(-1)?.seq;
  useEffect(() => {
    if (focused && atEnd && last !== undefined) workspace.threads.seen(id, root, last);
  }, [focused, atEnd, last, thread]);

  return (
    <aside class="beside thread" aria-label="Thread">
      <BesideHead name="Thread" conversation={conversation}>
        {(thread !== undefined || replies.length > 0) && (
          <button
            type="button"
            class="tool"
            aria-pressed={thread?.followed ?? false}
            aria-label="Follow this thread"
            title={thread?.followed ? "You follow this thread: leave it alone" : "Follow this thread"}
            onClick={() => workspace.threads.follow(id, root, !thread?.followed)}
          >
            <Icon of={thread?.followed ? "bell" : "quiet"} />
          </button>
        )}
      </BesideHead>
      {trouble !== undefined ? (
        <Trouble detail={trouble} again={open} />
      ) : !messages ? (
        <Loading />
      ) : (
        <Scroller
          key={`${id} ${root}`}
          hold={scroller}
          rows={rows}
          label="Replies"
          start="end"
          complete={true}
          draw={drawReply}
          above={
            <div class="root">
              {first ? (
                <MessageItem message={first} first inThread />
              ) : (
                <p class="tomb">The first message is not here.</p>
              )}
              <p class="sum">
                {replies.length === 1 ? "1 reply" : `${figure(replies.length)} replies`}
                {thread?.followed && " · you follow this thread"}
              </p>
            </div>
          }
          near={() => undefined}
          view={(view) => {
            if (view.atEnd !== atEnd) setAtEnd(view.atEnd);
          }}
        />
      )}
      {!closed && (
        <Composer
          conversation={conversation}
          thread={root}
          label="Reply"
          verb="Reply"
          sent={() => scroller.current?.toEnd()}
        />
      )}
    </aside>
  );
}

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { claimed } from "../sync/fold";
import type { Conversation } from "../sync/wire";
import { BesideHead } from "./beside";
import { Composer } from "./composer";
import { useFocusBack } from "./focus";
import { Loading, Trouble } from "./loading";
import { MessageItem } from "./message";
import { RowItem } from "./row";
import { layOut, type Row } from "./rows";
import { Scroller } from "./scroller";
import { me, turns, workspace } from "./state";
import { figure } from "./time";

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

  const open = () => {
    setTrouble(undefined);
    workspace.history.thread(id, root).catch((error: Error) => setTrouble(error.message));
  };
  useEffect(() => {
    open();
    return () => workspace.store.kept(id)?.closeThread(root);
  }, [id, root, log]);

  const replies = useMemo(() => messages?.filter((message) => message.seq !== root) ?? [], [turn, root, log]);
  const first = log.message(root);
  const rows = useMemo(() => {
    const outgoing = workspace.outbox.pending(id).filter((item) => item.thread === root);
    return layOut(replies, outgoing, { me: me()?.id, inThread: true, since: first && claimed(first) });
  }, [replies, turn]);

  return (
    <aside class="beside thread" aria-label="Thread">
      <BesideHead name="Thread" conversation={conversation} />
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
              <p class="sum">{replies.length === 1 ? "1 reply" : `${figure(replies.length)} replies`}</p>
            </div>
          }
          near={() => undefined}
          view={() => undefined}
        />
      )}
      {!conversation.is_archived && (
        <Composer conversation={id} thread={root} label="Reply" verb="Reply" sent={() => scroller.current?.toEnd()} />
      )}
    </aside>
  );
}

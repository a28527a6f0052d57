import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { claimed } from "../sync/fold";
import type { Outgoing } from "../sync/outbox";
import type { Message } from "../sync/wire";
import { parse } from "../text/blocks";
import { draw } from "../text/draw";
import { Acts, showsVersions } from "./acts";
import { ask } from "./dialogs";
import { EditBox, edit, isEdited } from "./editing";
import { Icon } from "./icon";
import { useNearness } from "./nearness";
import { Face, Mention } from "./person";
import { Reactions } from "./reactions";
import { Receipt } from "./receipt";
import { InThread, ReplyTo } from "./replying";
import { addressOf, follow, openThread } from "./route";
import { isImported, type Reply } from "./rows";
import { nameOf, workspace } from "./state";
import { figure, figuresOf, momentOf, timeOf, whenOf } from "./time";

/** Longer texts are folded until asked for. */
const FOLDED_AT = 2_500;
const FOLDED_LINES = 30;

interface LineProps {
  user: number;
  at: string;
  first: boolean;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

/** Lay out one message: face or time in the margin, words on their line. */
export function Line({ user, at, first, aside, children }: LineProps) {
  const time = (
    <time class="at" dateTime={at} title={momentOf(at)}>
      {first ? timeOf(at) : figuresOf(at)}
    </time>
  );
  return (
    <>
      <div class="margin">
        {first ? (
          <Face user={user} />
        ) : (
          <>
            <span class="unseen">{nameOf(user)} </span>
            {time}
          </>
        )}
      </div>
      <div class="body">
        {first && (
          <div class="head">
            <b class="who">{nameOf(user)}</b> {time}
            {aside}
          </div>
        )}
        {children}
      </div>
    </>
  );
}

/** Draw the words of a message. */
export function Words({
  body,
  me: action = false,
  children,
}: {
  body: string;
  me?: boolean;
  children?: ComponentChildren;
}) {
  const [folded, setFolded] = useState(
    body.length > FOLDED_AT || body.split("\n", FOLDED_LINES + 1).length > FOLDED_LINES,
  );
  const drawn = useMemo(() => draw(parse(body), Mention), [body]);
  const lone = /^(\p{Extended_Pictographic}\ufe0f?\s?){1,3}$/u.test(body);
  return (
    <>
      <div class={`words${action ? " action" : ""}${folded ? " folded" : ""}${lone ? " lone" : ""}`}>
        {drawn}
        {children}
      </div>
      {folded && (
        <button type="button" class="quiet" onClick={() => setFolded(false)}>
          Show all of it
        </button>
      )}
    </>
  );
}

interface ItemProps {
  message: Message;
  first: boolean;
  reply?: Reply;
  target?: boolean;
  inThread?: boolean;
  /** My edit of it that was refused. */
  refused?: Outgoing;
  /** It is my last one, of which is said how far it has got. */
  isLast?: boolean;
}

/** Draw a message of the log. */
export function MessageItem(props: ItemProps) {
  const { message, first, reply, target = false, inThread = false, refused, isLast = false } = props;
  const { conversation, seq } = message;
  const root = message.thread ?? seq;
  const touch = useNearness();
  const edits = isEdited(message, inThread);
  const classes = [
    "message",
    first && "first",
    target && "target",
    message.pinned_at && "pinned",
    touch.isNear && "near",
  ];
  return (
    <article class={classes.filter(Boolean).join(" ")} data-seq={seq} tabIndex={-1} {...touch.listeners}>
      <Line
        user={message.user}
        at={claimed(message)}
        first={first}
        aside={
          <>
            {reply === "same" && <InThread root={root} />}
            {isImported(message) && <Imported at={message.at} />}
          </>
        }
      >
        {message.pinned_at && (
          <p class="fact-line">
            <Icon of="pin" size={12} /> Pinned by {nameOf(message.pinned_by ?? message.user)}
          </p>
        )}
        {reply === "named" && <ReplyTo conversation={conversation} root={message.thread!} />}
        {message.deleted_at !== undefined ? (
          <p class="tomb">{deletion(message)}</p>
        ) : edits ? (
          <EditBox message={message} body={message.body} />
        ) : (
          <Words body={message.body} me={message.me}>
            {message.edited_at && <Edited message={message} />}
          </Words>
        )}
        {refused && <RefusedEdit item={refused} message={message} inThread={inThread} />}
        <Reactions message={message} />
        {!inThread && (message.replies ?? 0) > 0 && (
          <button type="button" class="replies" onClick={() => openThread(seq)}>
            <b>{message.replies === 1 ? "1 reply" : `${figure(message.replies!)} replies`}</b>
            {message.last_reply_at && <span>last at {whenOf(message.last_reply_at)}</span>}
          </button>
        )}
        {isLast && <Receipt message={message} />}
      </Line>
      {/* biome-ignore lint/a11y/useAnchorContent: its name is the label; drawn by CSS it stays out of the message's text */}
      <a
        class="number"
        href={addressOf(conversation, seq)}
        data-label={`§ ${figure(seq)}`}
        title={`Number ${figure(seq)} of this record: its link`}
        aria-label={`Link to number ${figure(seq)}`}
        onClick={(event) => follow(event, { conversation, seq })}
      />
      {touch.isNear && !edits && (
        <Acts
          key={touch.pressed ? "pressed" : "near"}
          message={message}
          inThread={inThread}
          pressed={touch.pressed}
          open={touch.open}
        />
      )}
    </article>
  );
}

/** Say that a message was edited; where the workspace allows, this leads to what it said before. */
function Edited({ message }: { message: Message }) {
  const title = `Edited ${momentOf(message.edited_at!)}`;
  if (!showsVersions()) {
    return (
      <span class="edited" title={title}>
        {" "}
        edited
      </span>
    );
  }
  return (
    <>
      {" "}
      <button type="button" class="edited" title={title} onClick={() => ask("versions", { message })}>
        edited
      </button>
    </>
  );
}

function RefusedEdit({ item, message, inThread }: { item: Outgoing; message: Message; inThread: boolean }) {
  return (
    <p class="state failed" role="alert">
      Not edited: {item.reason}
      <button type="button" class="link" onClick={() => workspace.outbox.retry(item.id)}>
        Retry
      </button>
      <button
        type="button"
        class="link"
        onClick={() => {
          workspace.outbox.discard(item.id);
          edit(message, inThread, item.frame.type === "edit" ? item.frame.body : undefined);
        }}
      >
        Edit again
      </button>
      <button type="button" class="link" onClick={() => workspace.outbox.discard(item.id)}>
        Discard
      </button>
    </p>
  );
}

function Imported({ at }: { at: string }) {
  return (
    <span
      class="imported"
      title={`Brought from elsewhere: author and time are what the import claims. In this record since ${momentOf(at)}.`}
    >
      imported
    </span>
  );
}

function deletion(message: Message): string {
  const who = message.deleted_by === message.user ? "its author" : nameOf(message.deleted_by ?? message.user);
  return `Deleted by ${who}, ${whenOf(message.deleted_at!)}. Kept in the record.`;
}

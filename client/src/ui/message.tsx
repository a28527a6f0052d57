import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { claimed } from "../sync/fold";
import type { Message } from "../sync/wire";
import { parse } from "../text/blocks";
import { draw } from "../text/draw";
import { excerpt } from "../text/excerpt";
import { Icon } from "./icon";
import { Face, Mention, namesOf } from "./person";
import { addressOf, follow, openThread } from "./route";
import { isImported, type Reply } from "./rows";
import { me, nameOf, turns, workspace } from "./state";
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
}

/** Draw a message of the log. */
export function MessageItem({ message, first, reply, target = false, inThread = false }: ItemProps) {
  const { conversation, seq } = message;
  const root = message.thread ?? seq;
  return (
    <article class={`message${first ? " first" : ""}${target ? " target" : ""}`} data-seq={seq} tabIndex={-1}>
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
        {reply === "named" && <ReplyTo conversation={conversation} root={message.thread!} />}
        {message.deleted_at === undefined ? (
          <Words body={message.body} me={message.me}>
            {message.edited_at && (
              <span class="edited" title={`Edited ${momentOf(message.edited_at)}`}>
                {" "}
                edited
              </span>
            )}
          </Words>
        ) : (
          <p class="tomb">{deletion(message)}</p>
        )}
        <Reactions message={message} />
        {!inThread && (message.replies ?? 0) > 0 && (
          <button type="button" class="replies" onClick={() => openThread(seq)}>
            <b>{message.replies === 1 ? "1 reply" : `${figure(message.replies!)} replies`}</b>
            {message.last_reply_at && <span>last at {whenOf(message.last_reply_at)}</span>}
          </button>
        )}
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
      {!inThread && message.deleted_at === undefined && (
        <div class="acts">
          <button type="button" aria-label="Reply in thread" title="Reply in thread" onClick={() => openThread(root)}>
            <Icon of="reply" />
          </button>
          {navigator.clipboard && <CopyLink address={addressOf(conversation, seq)} />}
        </div>
      )}
    </article>
  );
}

function CopyLink({ address }: { address: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(address, location.href).href);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" aria-label="Copy link" title={copied ? "Copied" : "Copy link"} onClick={() => void copy()}>
      <Icon of={copied ? "check" : "link"} />
    </button>
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

/** Name the message that a reply answers; fetched where it lies outside what is held. */
function ReplyTo({ conversation, root }: { conversation: number; root: number }) {
  turns(conversation).value;
  const message = workspace.store.kept(conversation)?.message(root);
  useMemo(() => {
    if (!message) workspace.history.root(conversation, root).catch(() => undefined);
  }, [conversation, root]);
  return (
    <button type="button" class="answers" onClick={() => openThread(root)}>
      <Icon of="reply" size={13} />
      <span>
        in reply to {message ? <b>{nameOf(message.user)}</b> : `§ ${figure(root)}`}
        {message && `: ${message.deleted_at ? "a deleted message" : excerpt(message.body, nameOf)}`}
      </span>
    </button>
  );
}

/** Say of a reply below another of its thread that it is one too. */
function InThread({ root }: { root: number }) {
  return (
    <button
      type="button"
      class="same"
      aria-label="Also in this thread: open it"
      title="Also in this thread"
      onClick={() => openThread(root)}
    >
      <Icon of="reply" size={13} />
    </button>
  );
}

function Reactions({ message }: { message: Message }) {
  if (!message.reactions?.length) return null;
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, users }) => (
        <li key={emoji} class={users.includes(me()?.id ?? 0) ? "mine" : ""} title={namesOf(users)}>
          <span>{emoji}</span> <span class="figure">{users.length}</span>
        </li>
      ))}
    </ul>
  );
}

function deletion(message: Message): string {
  const who = message.deleted_by === message.user ? "its author" : nameOf(message.deleted_by ?? message.user);
  return `Deleted by ${who}, ${whenOf(message.deleted_at!)}. Kept in the record.`;
}

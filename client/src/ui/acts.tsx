import { useRef, useState } from "preact/hooks";
import type { Conversation, Message } from "../sync/wire";
import { ask } from "./dialogs";
import { edit } from "./editing";
import { EmojiPicker } from "./emoji";
import { Icon } from "./icon";
import { withNames } from "./mentioning";
import { type Choice, Menu } from "./menu";
import { react } from "./reactions";
import { addressOf, openThread } from "./route";
import { me, owned, workspace } from "./state";
import { say } from "./toast";

interface Props {
  message: Message;
  inThread: boolean;
  /** What a menu stands beside where it was opened without its button: by a long press. */
  pressed?: HTMLElement;
  /** Told when something floats over the message, and when no more. */
  open: (isOpen: boolean) => void;
}

/** Offer what can be done with a message: the most wanted at once, the rest in a menu. */
export function Acts({ message, inThread, pressed, open }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  const [shows, setShows] = useState<{ what: "menu" | "emoji"; anchor: HTMLElement } | undefined>(
    pressed && { what: "menu", anchor: pressed },
  );
  const [at, setAt] = useState(0);
  const show = (what: "menu" | "emoji", anchor: HTMLElement) => {
    setShows({ what, anchor });
    open(true);
  };
  const close = () => {
    setShows(undefined);
    open(false);
  };
  const conversation = workspace.store.conversations.get(message.conversation);
  const isOpen = message.deleted_at === undefined && conversation !== undefined && !conversation.is_archived;
  const tools = [
    isOpen && { label: "React", icon: "smile" as const, act: (from: HTMLElement) => show("emoji", from) },
    !inThread && {
      label: "Reply in thread",
      icon: "reply" as const,
      act: () => openThread(message.thread ?? message.seq),
    },
    isOpen && isMine(message) && { label: "Edit", icon: "pencil" as const, act: () => edit(message, inThread) },
    { label: "More actions", icon: "more" as const, act: (from: HTMLElement) => show("menu", from) },
  ].filter((tool) => tool !== false);
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || shows) return;
    event.preventDefault();
    const next = (at + step + tools.length) % tools.length;
    setAt(next);
    bar.current?.querySelectorAll("button")[next]?.focus();
  };
  return (
    <>
      <div ref={bar} class="acts" role="toolbar" aria-label="Message actions" onKeyDown={walk}>
        {tools.map(({ label, icon, act }, index) => (
          <button
            key={label}
            type="button"
            aria-label={label}
            title={label}
            aria-haspopup={label === "More actions" ? "menu" : undefined}
            tabIndex={index === Math.min(at, tools.length - 1) ? 0 : -1}
            onClick={(event) => act(event.currentTarget)}
          >
            <Icon of={icon} />
          </button>
        ))}
      </div>
      {shows?.what === "emoji" && (
        <EmojiPicker anchor={shows.anchor} choose={(emoji) => react(message, emoji)} close={close} />
      )}
      {shows?.what === "menu" && conversation && (
        <Menu
          anchor={shows.anchor}
          label="Message actions"
          choices={choicesFor(message, conversation, inThread, isOpen, () => show("emoji", shows.anchor))}
          close={close}
        />
      )}
    </>
  );
}

function isMine(message: Message): boolean {
  return message.user === me()?.id;
}

function choicesFor(
  message: Message,
  conversation: Conversation,
  inThread: boolean,
  isOpen: boolean,
  pickEmoji: () => void,
): Choice[][] {
  const { seq, pinned_at } = message;
  const where = conversation.id;
  const mine = isMine(message);
  const moderates = conversation.role !== "member";
  const isIn = isOpen && (moderates || !isLate(message, conversation));
  owned("save").peek();
  const isSaved = workspace.own.get("save", `${where}/${seq}`) !== undefined;
  const saved = message.deleted_at === undefined || isSaved;
  const all: (Choice | false | undefined)[][] = [
    [
      isOpen && { label: "React…", icon: "smile", act: pickEmoji },
      !inThread && { label: "Reply in thread", icon: "reply", act: () => openThread(message.thread ?? seq) },
      isIn && mine && { label: "Edit", icon: "pencil", act: () => edit(message, inThread) },
    ],
    [
      saved && {
        label: isSaved ? "Take out of saved" : "Save for later",
        icon: "saved",
        act: () => void workspace.own.put({ type: "save", where, message: seq, on: !isSaved }),
      },
      isOpen && {
        label: pinned_at ? "Unpin" : "Pin",
        icon: "pin",
        act: () => void workspace.outbox.put({ type: "pin", conversation: where, seq, on: !pinned_at }),
      },
      message.deleted_at === undefined && {
        label: "Copy text",
        icon: "copy",
        act: () => void copy(withNames(message.body), "Text copied"),
      },
      {
        label: "Copy link",
        icon: "link",
        act: () => void copy(new URL(addressOf(where, seq), location.href).href, "Link copied"),
      },
    ],
    [
      mine &&
        message.deleted_at === undefined && {
          label: "Who has read it",
          icon: "checks",
          act: () => ask("reached", { message }),
        },
      message.edited_at !== undefined &&
        showsVersions() && {
          label: "What it said before",
          icon: "past",
          act: () => ask("versions", { message }),
        },
      !mine &&
        message.deleted_at === undefined && {
          label: "Report…",
          icon: "flag",
          act: () => ask("report", { message }),
        },
      ((isIn && mine) || (isOpen && moderates)) && {
        label: "Delete…",
        icon: "trash",
        isGrave: true,
        act: () => ask("delete", { message }),
      },
    ],
  ];
  return all.map((group) => group.filter((choice) => !!choice));
}

/** The time that members have to edit and delete, where the conversation sets one. */
function isLate({ at }: Message, { edits_s }: Conversation): boolean {
  return edits_s !== undefined && Date.now() - Date.parse(at) > edits_s * 1000;
}

/** Whether members may see what an edited message said before. */
export function showsVersions(): boolean {
  return document.documentElement.dataset.versions === "yes";
}

async function copy(words: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(words);
    say(done, false);
  } catch {
    say(`This page may not copy for you: ${words}`);
  }
}

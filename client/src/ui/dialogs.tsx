import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Values } from "../sync/own";
import type { Conversation, Message } from "../sync/wire";
import type { Question } from "./dialogs/sure";
import { say } from "./toast";

/** What each dialog is about. */
export interface Asked {
  delete: { message: Message };
  versions: { message: Message };
  reached: { message: Message };
  report: { message: Message };
  sure: Question;
  words: { conversation: Conversation; field: "name" | "topic" | "purpose" };
  add: { conversation: Conversation };
  channels: object;
  privacy: object;
  status: object;
  later: {
    scheduled?: Values["schedule"];
    written?: { where: number; thread?: number; also?: boolean; body: string };
  };
}

type Name = keyof Asked;
type Props<N extends Name> = Asked[N] & { close: () => void };

/** Each comes with a script of its own, when it is first wanted. */
const SCRIPTS: { [N in Name]: () => Promise<{ default: ComponentType<Props<N>> }> } = {
  delete: () => import("./dialogs/delete"),
  versions: () => import("./dialogs/versions"),
  reached: () => import("./dialogs/reached"),
  later: () => import("./dialogs/later"),
  report: () => import("./dialogs/report"),
  sure: () => import("./dialogs/sure"),
  words: () => import("./dialogs/words"),
  add: () => import("./dialogs/add"),
  channels: () => import("./dialogs/channels"),
  privacy: () => import("./dialogs/privacy"),
  status: () => import("./dialogs/status"),
};

const asked = signal<{ name: Name; about: Asked[Name] } | undefined>(undefined);

/** Open a dialog. */
export function ask<N extends Name>(name: N, about: Asked[N]): void {
  asked.value = { name, about };
}

/** Show the dialog that is open. */
export function Dialogs() {
  const now = asked.value;
  const [loaded, setLoaded] = useState<{ name: Name; Shown: ComponentType<never> }>();
  useEffect(() => {
    if (!now) return;
    SCRIPTS[now.name]().then(
      (script) => setLoaded({ name: now.name, Shown: script.default as ComponentType<never> }),
      () => {
        asked.value = undefined;
        say("This could not be loaded. Look at the connection, and try again.");
      },
    );
  }, [now?.name]);
  if (!now || loaded?.name !== now.name) return null;
  const Shown = loaded.Shown as ComponentType<{ close: () => void }>;
  return (
    <Shown
      {...now.about}
      close={() => {
        asked.value = undefined;
      }}
    />
  );
}

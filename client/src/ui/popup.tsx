import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  /** What it belongs to: it stands beside it, and the focus goes back there. */
  anchor: HTMLElement;
  role: "menu" | "dialog";
  label: string;
  close: () => void;
  children: ComponentChildren;
}

const GAP = 4;
const EDGE = 8;

/** Float something beside what it belongs to, until one chooses, looks elsewhere or presses Escape. */
export function Popup({ anchor, role, label, close, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const it = box.current!;
    const stand = () => place(it, anchor);
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === "closed") close();
    };
    it.showPopover();
    stand();
    first(it)?.focus({ preventScroll: true });
    it.addEventListener("toggle", toggled);
    document.addEventListener("scroll", stand, { capture: true, passive: true });
    return () => {
      document.removeEventListener("scroll", stand, { capture: true });
      it.removeEventListener("toggle", toggled);
      if (it.contains(document.activeElement) && anchor.isConnected) anchor.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is that of what floats
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have names
    <div
      ref={box}
      class="popup"
      popover="auto"
      role={role}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape" || (event.key === "Tab" && role === "menu")) {
          event.preventDefault();
          event.stopPropagation();
          close();
        } else if (role === "menu") walk(event, box.current!);
      }}
    >
      {children}
    </div>
  );
}

function first(box: HTMLElement): HTMLElement | null {
  return box.querySelector('[role="menuitem"], [role="menuitemradio"], button, input');
}

/** Go from item to item by the arrows, round and round. */
function walk(event: KeyboardEvent, box: HTMLElement): void {
  const items = [...box.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length)?.focus();
}

/** Below what it belongs to where there is room, else above; never off the screen. */
function place(box: HTMLElement, anchor: HTMLElement): void {
  const { top, bottom, right } = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const below = bottom + GAP + height <= innerHeight - EDGE;
  const y = below ? bottom + GAP : Math.max(EDGE, Math.min(top - GAP, innerHeight - EDGE) - height);
  const x = Math.max(EDGE, Math.min(right - width, innerWidth - width - EDGE));
  box.style.setProperty("--x", `${x}px`);
  box.style.setProperty("--y", `${y}px`);
}

import { useRef, useState } from "preact/hooks";

/** As long as one presses for a menu. */
const LONG_MS = 450;

/** Notice when somebody is at a message: by the pointer, by the focus, by a long press. */
export function useNearness() {
  const [isNear, setNear] = useState(false);
  const [pressed, setPressed] = useState<HTMLElement>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const holds = useRef(false);
  const lift = () => clearTimeout(timer.current);
  const leave = (element: HTMLElement) => {
    if (holds.current || element.contains(document.activeElement)) return;
    setNear(false);
    setPressed(undefined);
  };
  return {
    isNear,
    /** The message, where a long press asks for its menu. */
    pressed,
    /** Something floats over the message: it stays until that is gone. */
    open: (isOpen: boolean) => {
      holds.current = isOpen;
      if (!isOpen) setPressed(undefined);
    },
    listeners: {
      onPointerEnter: (event: PointerEvent) => {
        if (event.pointerType !== "touch") setNear(true);
      },
      onPointerLeave: (event: PointerEvent) => leave(event.currentTarget as HTMLElement),
      onFocusIn: () => setNear(true),
      onFocusOut: (event: FocusEvent) => {
        const element = event.currentTarget as HTMLElement;
        if (!element.contains(event.relatedTarget as Node | null) && !element.matches(":hover")) {
          if (!holds.current) setNear(false);
        }
      },
      onTouchStart: (event: TouchEvent) => {
        const element = event.currentTarget as HTMLElement;
        lift();
        if ((event.target as Element).closest("a, button, textarea, .popup")) return;
        timer.current = setTimeout(() => {
          holds.current = true;
          setPressed(element);
          setNear(true);
        }, LONG_MS);
      },
      onTouchMove: lift,
      onTouchEnd: (event: TouchEvent) => {
        lift();
        // What was pressed long is not tapped as well.
        if (holds.current && event.cancelable) event.preventDefault();
      },
      onTouchCancel: lift,
      // The browser's own menu of a long press would cover ours; links keep theirs.
      onContextMenu: (event: MouseEvent) => {
        const isTouch = "pointerType" in event && event.pointerType === "touch";
        if (isTouch && !(event.target as Element).closest("a")) event.preventDefault();
      },
    },
  };
}

import type { Drawing } from "./icon";
import { Icon } from "./icon";
import { Popup } from "./popup";

/** One thing that a menu offers. */
export interface Choice {
  label: string;
  icon?: Drawing;
  /** Chosen now, among several of which one is. */
  isOn?: boolean;
  isGrave?: boolean;
  act: () => void;
}

interface Props {
  anchor: HTMLElement;
  label: string;
  /** Groups, between which there is a line. */
  choices: Choice[][];
  close: () => void;
}

/** Offer what can be done with something. */
export function Menu({ anchor, label, choices, close }: Props) {
  const groups = choices.filter((group) => group.length > 0);
  return (
    <Popup anchor={anchor} role="menu" label={label} close={close}>
      {groups.map((group, index) => (
        // biome-ignore lint/a11y/useSemanticElements: a menu knows groups, not fieldsets
        <div key={`${index}`} class="group" role="group">
          {group.map(({ label: words, icon, isOn, isGrave, act }) => (
            <button
              key={words}
              type="button"
              class={isGrave ? "grave" : ""}
              {...(isOn === undefined
                ? { role: "menuitem" as const }
                : { role: "menuitemradio" as const, "aria-checked": isOn })}
              tabIndex={-1}
              onClick={() => {
                close();
                act();
              }}
            >
              {icon ? <Icon of={icon} /> : <span class="space">{isOn && <Icon of="check" />}</span>}
              {words}
            </button>
          ))}
        </div>
      ))}
    </Popup>
  );
}

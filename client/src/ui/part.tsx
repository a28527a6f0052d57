import type { ComponentChildren } from "preact";
import { isPhone } from "./phone";

/** Head a part of what is open beside a conversation; on a phone that is the page, and its head the first heading. */
export function PartHead({ children }: { children: ComponentChildren }) {
  return <h3 aria-level={isPhone.value ? 2 : undefined}>{children}</h3>;
}

const halfDays = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12;
const clock = new Intl.DateTimeFormat(undefined, { hour: halfDays ? "numeric" : "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const ahead = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const figures = new Intl.NumberFormat();

/** Say a time of day. */
export function timeOf(at: string): string {
  return clock.format(new Date(at));
}

/** Say a time of day where a margin has room for figures alone. */
export function figuresOf(at: string): string {
  const parts = clock.formatToParts(new Date(at));
  return parts
    .filter((part) => part.type !== "dayPeriod")
    .map((part) => part.value)
    .join("")
    .trim();
}

/** Say a moment in full. */
export function momentOf(at: string): string {
  return full.format(new Date(at));
}

/** Name the day of a moment so that equal days have equal names. */
export function dayKey(at: string): string {
  return new Date(at).toDateString();
}

/** Say a day as its line does: without the year if it is this one. */
export function dayOf(at: string): string {
  const date = new Date(at);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

/** Say when something was, as short as it stays clear: the time today, else the day. */
export function whenOf(at: string): string {
  const date = new Date(at);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return (date.getFullYear() === now.getFullYear() ? short : dayOfYear).format(date);
}

/** Say when something will be: the day, unless it is today, and the time. */
export function dueOf(at: string): string {
  const date = new Date(at);
  const time = clock.format(date);
  return date.toDateString() === new Date().toDateString() ? `today, ${time}` : `${ahead.format(date)}, ${time}`;
}

/** Write a number as people do. */
export function figure(number: number): string {
  return figures.format(number);
}

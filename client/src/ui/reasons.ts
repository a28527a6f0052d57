import type { Report } from "../sync/wire";

/** Why a message is reported. */
export const REASONS: Record<Report["reason"], string> = {
  harassment: "Harassment",
  spam: "Spam",
  confidential: "Confidential, and not for here",
  illegal: "Against the law",
  other: "Something else",
};

/** What moderators decided. */
export const OUTCOMES: Record<NonNullable<Report["outcome"]>, string> = {
  dismissed: "Looked into, and left as it is",
  deleted: "The message was deleted",
  muted: "Its author may not write for a time",
  removed: "Its author was taken out of the conversation",
  banned: "Its author was banned from the conversation",
};

/** Remember what is being written in one place, until this tab is closed. */
export function keepDraft(place: string, text: string): void {
  if (text === "") sessionStorage.removeItem(`draft ${place}`);
  else sessionStorage.setItem(`draft ${place}`, text);
}

/** Give back what was being written. */
export function draftOf(place: string): string {
  return sessionStorage.getItem(`draft ${place}`) ?? "";
}

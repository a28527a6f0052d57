/** Show ruled lines after a moment: what comes at once needs no sign. */
export function Loading() {
  return (
    <div class="loading" role="status" aria-label="Loading">
      <i />
      <i />
      <i />
    </div>
  );
}

/** Say what went wrong, and offer to try again. */
export function Trouble({ detail, again }: { detail: string; again: () => void }) {
  return (
    <div class="empty" role="alert">
      <h2>This could not be loaded</h2>
      <p>{detail}</p>
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

import { Dialog } from "../dialog";

export interface Question {
  title: string;
  words: string;
  verb: string;
  isGrave?: boolean;
  act: () => unknown;
}

/** Ask whether something is really wanted. */
export default function Sure({ title, words, verb, isGrave, act, close }: Question & { close: () => void }) {
  return (
    <Dialog title={title} close={close} verb={verb} isGrave={isGrave} act={act}>
      <p class="lead">{words}</p>
    </Dialog>
  );
}

import { MessageItem } from "./message";
import { Notices } from "./notices";
import { OutgoingItem } from "./outgoing";
import type { Row } from "./rows";
import { dayOf } from "./time";

/** Draw one line of a timeline. */
export function RowItem({ row, target, inThread }: { row: Row; target?: number; inThread?: boolean }) {
  switch (row.type) {
    case "day":
      return (
        <div class="day">
          <b>{dayOf(row.at)}</b>
          <i />
        </div>
      );
    case "new":
      return (
        <div class="new">
          <b>New</b>
          <i />
        </div>
      );
    case "notices":
      return <Notices notices={row.notices} />;
    case "message": {
      const { message, first, reply, refused, isLast } = row;
      return (
        <MessageItem
          message={message}
          first={first}
          reply={reply}
          refused={refused}
          isLast={isLast}
          inThread={inThread}
          target={message.seq === target}
        />
      );
    }
    case "outgoing":
      return <OutgoingItem item={row.item} first={row.first} />;
  }
}

/** The generated wire types under the names that this client uses. */
export type {
  Ack,
  ClientFrame,
  Conversation,
  ConversationFrame,
  ErrorFrame,
  EventsFrame,
  LogEvent,
  Message,
  MessageEvent as MessageSaid,
  Person,
  Reaction,
  ReceiptFrame,
  ServerFrame,
  Welcome,
} from "../protocol.gen";

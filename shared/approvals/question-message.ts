/** A question as it is sent to people. Holds secrets in its links: never log it, never give it to a run. */
export interface QuestionMessage {
  /** A message with the same key is sent once. */
  key: string;
  channels: string[];
  title: string;
  text: string;
  facts: { name: string; value: string }[];
  links: { label: string; url: string }[];
}

/** Sends a message over channels. One that fails is no reason to throw: the others, and the ticket, have the question. */
export type SendQuestion = (message: QuestionMessage, runId: string) => Promise<void>;

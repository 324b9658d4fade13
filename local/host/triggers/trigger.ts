/** A function's way in, open until it is stopped. */
export interface Trigger {
  /** What it waits for, in words for the log. */
  description: string;
  /** Lets nothing new in and resolves when the function's calls under way have ended. */
  stop(): Promise<void>;
}

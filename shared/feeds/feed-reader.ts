import type { Reading } from "../indicators/sighting.ts";

/** One pass over one feed, and where the next one may begin. */
export interface FeedPass {
  reading: Reading;
  /** Kept only once the plan that came of the reading was carried out. Opaque to all but the reader. */
  cursor?: string;
}

/**
 * Fetches a feed. What it cannot read to the end it says in the reading (`incomplete`); it throws for nothing the feed does.
 * Changes nothing, so it is safe to repeat.
 */
export interface FeedReader {
  read(cursor: string | undefined, now: Date): Promise<FeedPass>;
}

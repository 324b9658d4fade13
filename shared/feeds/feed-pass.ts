import type { Reading } from "../indicators/sighting.ts";

/** Where the next pass over a feed goes on. JSON; kept only once what was read is in use. */
export interface FeedCursor {
  /** The server's own stamp of the last object, for TAXII. */
  addedAfter?: string | undefined;
  /** When the last pass began, for MISP and OTX. */
  readAt?: string | undefined;
  /** Of the list as it was, for lists. */
  etag?: string | undefined;
  lastModified?: string | undefined;
}

/** One pass over one feed. */
export interface FeedPass {
  /** Absent: the feed has said that it is as it was. */
  reading?: Reading;
  /** Absent: the next pass begins where this one did. */
  cursor?: FeedCursor;
}

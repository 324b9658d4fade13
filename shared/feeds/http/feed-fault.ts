/** What kept a feed from being read, for code; the message says it to people. */
export type FeedFaultKind =
  | "address"
  | "unreachable"
  | "redirect"
  | "sign-in"
  | "status"
  | "too-large"
  | "too-slow"
  | "broken-off"
  | "not-data";

/**
 * A feed could not be read to its end. The pass is incomplete then: nothing in Defender changes for what is missing in it.
 * The message names the host only, as the rest of an address may hold a key.
 */
export class FeedFault extends Error {
  override name = "FeedFault";
  readonly kind: FeedFaultKind;
  /** The status the feed answered, where it answered. */
  readonly status: number | undefined;

  constructor(kind: FeedFaultKind, message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.kind = kind;
    this.status = status;
  }
}

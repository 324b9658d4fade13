/**
 * Every reason for which a value of a feed becomes no indicator, with what it means to the people who read the report.
 * Nothing is left out without one of these.
 */
export const SKIP_REASONS = {
  // What a feed holds that is none of Defender's types.
  "not-readable": "the entry is not of the form its feed promises",
  "no-type": "Defender has no indicator for this kind of value",
  "hash-type": "Defender takes no hashes of this kind",
  "md5-disabled": "MD5 is off for this feed",
  certificate: "certificates are off for this feed",
  "tls-certificate": "certificates of servers are not what Defender matches",
  direction: "it is where attacks come from, and Defender matches where connections go to",
  cidr: "Defender takes single addresses, no ranges",
  "type-off": "this type is off for this feed",
  // What the feed itself says about it.
  "not-flagged": "its authors do not mean it for detection",
  unpublished: "its event is not published yet",
  proposal: "it is only proposed",
  offline: "the feed says that it is offline",
  inactive: "the feed says that it no longer counts",
  "not-valid-yet": "it counts only from a later time",
  revoked: "the feed has withdrawn it",
  superseded: "the feed has a newer version of it",
  expired: "its time is over",
  // STIX patterns.
  "pattern-type": "only STIX patterns are read",
  "pattern-syntax": "the pattern breaks the grammar",
  "pattern-size": "the pattern is too long or has too many branches",
  "multi-observation": "no single value is enough for this pattern",
  threshold: "the pattern wants the value seen several times",
  "and-conflict": "the pattern wants two values at once",
  operator: "this comparison is no equality",
  "object-type": "Defender matches nothing of this kind of object",
  context: "it narrows something else and says nothing alone",
  // Values that are not what they claim to be.
  "value-empty": "there is no value",
  "value-too-long": "Defender may not take a value so long, and none is cut",
  "address-syntax": "it is no single address",
  "domain-syntax": "it is no domain name",
  "url-syntax": "it is no http or https URL",
  "hash-syntax": "it is no hash of this kind",
  wildcard: "Defender takes no wildcards",
  "unknown-tld": "there is no such top-level domain",
  // Values that must never be blocked.
  "special-address": "the address is private, reserved or otherwise special",
  "special-name": "the name is reserved for local use or examples",
  "public-suffix": "everybody's names lie under it",
  "empty-hash": "it is the hash of nothing",
  protected: "it is on the built-in list of what is never blocked",
  "allow-listed": "it is on the allow-list",
  "warning-list": "it is on a warning list",
  // Judgement.
  tlp: "its TLP does not let it be shown to all readers of the portal",
  "low-confidence": "too little confidence",
  "action-unsupported": "Defender has no action so mild for this type",
  // The tenant.
  "exists-foreign": "somebody else has an indicator of this value",
  "taken-over": "a person has changed the indicator",
  "deleted-by-others": "somebody deleted the indicator",
  waiting: "Defender refused it; it is tried again later",
  "feed-share": "its feed has used up its share",
  "over-budget": "others rank higher and there is no more room",
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** Why a value is not taken; `detail` is the feed's or our own few words on it. */
export interface Refusal {
  reason: SkipReason;
  detail?: string;
}

export const refusal = (reason: SkipReason, detail?: string): Refusal => ({ reason, ...(detail && { detail }) });

export const isRefusal = (outcome: object): outcome is Refusal => "reason" in outcome;

import type { IndicatorType } from "../defender/indicators/indicator.ts";
import { toMilliseconds } from "../duration.ts";
import type { Severity } from "../severity.ts";
import { looksLikeAddress } from "./address.ts";
import type { Claim } from "./claim.ts";
import type { Observable } from "./normalise.ts";
import { type Refusal, refusal } from "./skip-reason.ts";
import { FEED_ACTIONS, type FeedAction, type FeedSettings } from "./sync-settings.ts";
import { isHostOnly } from "./url.ts";

/** What comes of one claim. Times in milliseconds. */
export interface Verdict {
  feed: string;
  action: FeedAction;
  generateAlert: boolean;
  confidence: number;
  severity: Severity;
  seenAt: number;
  lifetimeMs: number;
  expiresAt: number;
}

const HOUR = toMilliseconds({ hours: 1 });
/** Defender is not known to take what ends at once. */
const SHORTEST_LIFE = toMilliseconds({ minutes: 10 });

/** Days after which a value that is no longer seen says little; addresses change hands soonest. */
const DAYS: Record<IndicatorType, number> = {
  IpAddress: 14,
  Url: 21,
  DomainName: 60,
  FileMd5: 180,
  FileSha1: 180,
  FileSha256: 180,
  CertificateThumbprint: 365,
};
/** URLs on bare addresses are infected devices of an hour. */
const DAYS_ON_ADDRESS = 3;

/** What the words of a feed and the trust in it make of a value. */
export function judge(observable: Observable, claim: Claim, feed: FeedSettings, now: Date): Verdict | Refusal {
  const { type } = observable;
  if (claim.revoked) return refusal("revoked");
  if (!feed.types.includes(type)) return type === "FileMd5" ? refusal("md5-disabled") : refusal("type-off", type);
  const tlp = claim.tlp ?? feed.tlp;
  // Titles and descriptions are shown to every reader of the portal, and to users in the notice of a block.
  if (tlp === "RED" || (tlp === "AMBER+STRICT" && !feed.own)) return refusal("tlp", tlp);

  const confidence = Math.min(claim.confidence ?? feed.confidence, feed.trust);
  if (confidence < 25) return refusal("low-confidence", String(confidence));
  const severity = claim.severity ?? severityOf(confidence);
  const wanted = actionOf(confidence, severity, feed);
  const most = isMild(observable, claim, feed) ? "Audit" : feed.mostAction;
  const action = applicable(type, FEED_ACTIONS[Math.min(rankOf(wanted), rankOf(most))] ?? "Audit");
  if (action === undefined) return refusal("action-unsupported", type);

  const seenAt = Date.parse(claim.seenAt);
  const lifetimeMs = toMilliseconds({ days: daysOf(observable, feed) });
  const end = Math.min(seenAt + lifetimeMs, claim.validUntil ? Date.parse(claim.validUntil) : Number.POSITIVE_INFINITY);
  // Whole hours, so that the same claim gives the same indicator in each run.
  const expiresAt = Math.ceil(end / HOUR) * HOUR;
  if (end <= now.getTime() + SHORTEST_LIFE) return refusal("expired", new Date(end).toISOString());

  const generateAlert = action === "Audit" || feed.alerts || (confidence >= 85 && severity === "High");
  return { feed: feed.name, action, generateAlert, confidence, severity, seenAt, lifetimeMs, expiresAt };
}

export const rankOf = (action: FeedAction): number => FEED_ACTIONS.indexOf(action);

const severityOf = (confidence: number): Severity => (confidence >= 80 ? "High" : confidence >= 50 ? "Medium" : "Low");

function actionOf(confidence: number, severity: Severity, feed: FeedSettings): FeedAction {
  if (confidence >= 85 && severity === "High") return "BlockAndRemediate";
  if (confidence >= 70) return "Block";
  return confidence >= 50 ? feed.uncertain : "Audit";
}

/** Whether a value may only be watched: on probation, or because its indicator would hit more than the feed means. */
const isMild = ({ type, value }: Observable, claim: Claim, feed: FeedSettings): boolean =>
  feed.stage === "monitor" ||
  (claim.widened === true && !feed.allowWidening) ||
  (claim.isCompromised === true && (type !== "Url" || isHostOnly(value)));

/** @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview */
function applicable(type: IndicatorType, action: FeedAction): FeedAction | undefined {
  if (type === "CertificateThumbprint") return action === "BlockAndRemediate" ? action : undefined;
  const isFile = type.startsWith("File");
  return action === "BlockAndRemediate" && !isFile ? "Block" : action;
}

function daysOf({ type, host }: Observable, feed: FeedSettings): number {
  const days = feed.days[type] ?? DAYS[type];
  return host && looksLikeAddress(host) && feed.days.Url === undefined ? Math.min(days, DAYS_ON_ADDRESS) : days;
}

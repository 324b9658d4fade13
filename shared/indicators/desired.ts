import type { IndicatorType, NewIndicator } from "../defender/indicators/indicator.ts";
import { oneLine } from "../streaming/one-line.ts";
import type { Candidate } from "./candidate.ts";

/** An indicator as it should stand in Defender. Everything in it is written, and compared, each time. */
export interface DesiredIndicator extends NewIndicator {
  severity: NonNullable<NewIndicator["severity"]>;
  generateAlert: boolean;
  expirationTime: string;
}

const LONGEST_TITLE = 120;

/** What a candidate looks like in Defender: the feeds behind it, and no words of theirs that may not be shown. */
export function desiredOf(candidate: Candidate, marker: string): DesiredIndicator {
  const { type, value, action, severity, generateAlert, expiresAt, feeds, malware } = candidate;
  const about = malware.length > 0 ? `: ${malware.join(", ")}` : "";
  const from = feeds.length > 3 ? `${feeds.slice(0, 3).join(", ")} and ${feeds.length - 3} more` : feeds.join(", ");
  return {
    indicatorValue: value,
    indicatorType: type,
    action,
    severity,
    title: oneLine(`${marker} ${from}${about}`, LONGEST_TITLE),
    description: `From threat feeds: ${feeds.join(", ")}${about}. ${SCOPE[type]} Kept by the indicator sync.`,
    generateAlert,
    expirationTime: new Date(expiresAt).toISOString(),
  };
}

const FILE = "Matches files with this hash.";

/** @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview */
const SCOPE: Record<IndicatorType, string> = {
  IpAddress: "Matches connections to this address.",
  DomainName: "Matches the domain and all its subdomains.",
  Url: "Matches the URL and what lies below; over HTTPS the path counts in Edge only.",
  FileMd5: FILE,
  FileSha1: FILE,
  FileSha256: FILE,
  CertificateThumbprint: "Matches files signed with this certificate.",
};

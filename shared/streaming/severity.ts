/** What the stream calls severities, the mildest first. */
export const SEVERITIES = ["Informational", "Low", "Medium", "High"] as const;
export type AlertSeverity = (typeof SEVERITIES)[number];

/** The severity in the stream's spelling, whatever its case (Graph writes `high`); undefined when it is none. */
export function knownSeverity(severity: string | null | undefined): AlertSeverity | undefined {
  const wanted = severity?.trim().toLowerCase();
  return SEVERITIES.find((known) => known.toLowerCase() === wanted);
}

/** 1 for `Informational` to 4 for `High`; 0 for a severity that is missing or unknown, below all others. */
export function severityRank(severity: string | null | undefined): number {
  const known = knownSeverity(severity);
  return known === undefined ? 0 : SEVERITIES.indexOf(known) + 1;
}

/** Orders severities from mild to severe, for `sort`. */
export const compareSeverity = (a: string | null | undefined, b: string | null | undefined): number =>
  severityRank(a) - severityRank(b);

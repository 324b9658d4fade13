import { z } from "zod";

/** How bad an alert is, in the stream's spelling, the mildest first. */
export const Severity = z.enum(["Informational", "Low", "Medium", "High"]);
export type Severity = z.infer<typeof Severity>;

/** The severity in the stream's spelling, whatever its case (Graph writes `high`); undefined when it is none. */
export function knownSeverity(severity: string | null | undefined): Severity | undefined {
  const wanted = severity?.trim().toLowerCase();
  return Severity.options.find((known) => known.toLowerCase() === wanted);
}

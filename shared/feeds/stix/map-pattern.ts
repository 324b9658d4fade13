import { isRefusal, type Refusal, refusal } from "../../indicators/skip-reason.ts";
import { type Anchor, type MapOptions, mapTerm } from "./map-term.ts";
import { type Comparisons, type Observations, parsePattern } from "./pattern.ts";
import { termsOf } from "./terms.ts";
import { PatternError } from "./tokens.ts";

/** Longer patterns are not read. */
const LONGEST_PATTERN = 256 * 1024;

/** A value with the time in which the pattern looks for it. */
export type PatternValue = Anchor & { start?: string; stop?: string };

/**
 * The values that a pattern comes to, one for each of its alternatives, or the reason why an alternative gives none. A pattern
 * that breaks the grammar gives one reason and no value: a part of it may mean the opposite of the whole.
 */
export function mapPattern(
  pattern: string,
  specVersion: "2.0" | "2.1",
  options: MapOptions,
): (PatternValue | Refusal)[] {
  if (pattern.length > LONGEST_PATTERN) return [refusal("pattern-size", `${pattern.length} characters`)];
  try {
    return mapObservations(parsePattern(pattern, specVersion), options);
  } catch (error) {
    if (error instanceof PatternError) return [refusal("pattern-syntax", error.message)];
    throw error;
  }
}

function mapObservations(observations: Observations, options: MapOptions): (PatternValue | Refusal)[] {
  if ((observations.repeats ?? 1) > 1) return [refusal("threshold", `${observations.repeats} times`)];
  if (observations.kind === "and" || observations.kind === "followedBy") return [refusal("multi-observation")];
  const found =
    observations.kind === "observation"
      ? mapBranches(observations.comparisons, options)
      : observations.parts.flatMap((part) => mapObservations(part, options));
  const { start, stop } = observations;
  return start && stop ? found.map((one) => (isRefusal(one) ? one : { start, stop, ...one })) : found;
}

function mapBranches(comparisons: Comparisons, options: MapOptions): (Anchor | Refusal)[] {
  const terms = termsOf(comparisons);
  if (!terms) return [refusal("pattern-size", "too many combinations")];
  return terms.flatMap((term): (Anchor | Refusal)[] => {
    const outcome = mapTerm(term, options);
    return isRefusal(outcome) ? [outcome] : outcome;
  });
}

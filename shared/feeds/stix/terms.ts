import type { Comparison, Comparisons } from "./pattern.ts";

/** Ways of fulfilling a pattern, each a list of comparisons that must all hold. */
export type Terms = readonly (readonly Comparison[])[];

/** So many branches are worth keeping; what would become more is no list of values. */
export const MOST_TERMS = 1_000;

/** Bracket contents as "this and this, or that": AND is distributed over OR. Undefined where it grows beyond all use. */
export function termsOf(comparisons: Comparisons, most = Number.POSITIVE_INFINITY): Terms | undefined {
  if (comparisons.kind === "comparison") return [[comparisons]];
  if (comparisons.kind === "or") {
    const terms: (readonly Comparison[])[] = [];
    for (const part of comparisons.parts) {
      const some = termsOf(part, most);
      if (!some || terms.length + some.length > most) return undefined;
      for (const term of some) terms.push(term);
    }
    return terms;
  }
  let terms: Terms = [[]];
  for (const part of comparisons.parts) {
    const some = termsOf(part, MOST_TERMS);
    // A plain list of alternatives may be as long as it likes; only products explode.
    if (!some || (some.length > 1 && terms.length * some.length > MOST_TERMS)) return undefined;
    terms = terms.flatMap((term) => some.map((more) => [...term, ...more]));
  }
  return terms;
}

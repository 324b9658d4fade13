/** The value below which the given share of the measurements lies, by nearest rank. */
export function percentile(measurements: readonly number[], share: number): number {
  const sorted = [...measurements].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** p50, p95 and p99 of some milliseconds. */
export const percentiles = (ms: readonly number[]) => ({
  p50: percentile(ms, 0.5),
  p95: percentile(ms, 0.95),
  p99: percentile(ms, 0.99),
});

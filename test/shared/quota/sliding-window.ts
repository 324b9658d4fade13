export interface Call {
  at: number;
  count: number;
}

/** The most calls in any stretch of a length, found by counting from every call on. */
export function mostWithin(lengthMs: number, calls: readonly Call[]): number {
  const from = (start: number) => calls.filter(({ at }) => at >= start && at < start + lengthMs);
  return Math.max(0, ...calls.map(({ at }) => from(at).reduce((sum, { count }) => sum + count, 0)));
}

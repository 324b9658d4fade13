/**
 * Reads a time given on a command line, in UTC: a day, or a time of it.
 *
 * @throws Error naming the option
 */
export function readTime(option: string, text: string): Date {
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  const isUtc = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text);
  if (isUtc && !Number.isNaN(time.getTime())) return time;
  throw new Error(`--${option} ${text} is not a time. Give one like 2026-01-05T09:00:00Z, or a day like 2026-01-05.`);
}

const pattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * The moment a timestamp of the stream means, to the millisecond. Some tables leave out the zone; it is UTC then.
 *
 * @returns undefined when the text is no timestamp
 */
export function instantOf(timestamp: string): Date | undefined {
  const [, day, time, fraction = "", zone = "Z"] = pattern.exec(timestamp) ?? [];
  if (day === undefined) return undefined;
  const instant = new Date(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone.toUpperCase()}`);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

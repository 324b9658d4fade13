import { instantOf } from "../streaming/instant.ts";

const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/**
 * The moment a feed means, as ISO text: seconds since 1970 (MISP), `2026-05-28 16:41:22 UTC` (abuse.ch), or ISO with or
 * without a zone (OTX). Without a zone it is UTC.
 *
 * @returns undefined for no time, or one that cannot be meant
 */
export function feedTime(text: unknown): string | undefined {
  const written = typeof text === "number" ? String(text) : text;
  if (typeof written !== "string") return undefined;
  const trimmed = written.trim().replace(/ UTC$/i, "");
  const time = /^\d{9,11}$/.test(trimmed)
    ? Number(trimmed) * 1000
    : (instantOf(trimmed) ?? instantOf(`${trimmed}T00:00:00Z`))?.getTime();
  return time !== undefined && time >= EARLIEST && time <= LATEST ? new Date(time).toISOString() : undefined;
}

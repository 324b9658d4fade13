import { z } from "zod";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { and, ge, instant, lt } from "../../shared/defender/odata/filter.ts";
import { readListedAlerts } from "../../shared/intake/read-listed-alerts.ts";
import { Mode, modeUnder } from "../../shared/mode.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { PAGE_ROWS } from "../../shared/sources/alert-poll/slices.ts";

const Instant = z.int().describe("In milliseconds since the epoch");

/**
 * Lists a page of the alerts of some time, with their evidence, and takes them in as those of the stream.
 *
 * Safe to repeat, as intake is.
 *
 * @returns how many there were, whether there may be more, and the latest of their times, in milliseconds since the epoch
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts - 100 calls a minute, 1,500 an hour
 */
export const takeInListedAlerts = defineActivity({
  name: "takeInListedAlerts",
  summary: "Lists alerts of some time and takes them in as those of the stream.",
  effect: "write",
  isBookkeeping: true,
  calls: [alertCalls.list],
  repeat: "adopts",
  input: z.object({
    by: z.enum(["lastUpdateTime", "alertCreationTime"]),
    from: Instant,
    before: Instant,
    skip: z.int().nonnegative().describe("How many of them were listed already"),
    mode: Mode.optional(),
    oldest: Instant.describe("Alerts from before are let be, in milliseconds since the epoch").optional(),
  }),
  output: z.object({
    alerts: z.number(),
    isFull: z.boolean(),
    latest: Instant.optional(),
    rejected: z.number(),
    started: z.number(),
    joined: z.number(),
    duplicates: z.number(),
  }),

  async perform({ by, from, before, skip, mode: wanted, oldest }, { defender, tenantId, takeInWith, runs }, asking) {
    const mode = modeUnder(asking.mode, wanted);
    const filter = and(ge(by, time(from)), lt(by, time(before)));
    const rows = await defender.alerts.page({ filter, expand: "evidence" }, { top: PAGE_ROWS, skip });
    const read = readListedAlerts(rows, tenantId);
    const admitted = await takeInWith(runs)(read, {
      mode,
      ...(oldest !== undefined && { oldest: new Date(oldest) }),
    });
    const latest = latestOf(rows, by);
    return {
      alerts: rows.length,
      isFull: rows.length >= PAGE_ROWS,
      ...(latest !== undefined && { latest }),
      rejected: read.rejected.length,
      ...admitted,
    };
  },
});

const time = (at: number) => instant(new Date(at).toISOString());

/** Cut to the millisecond, never rounded up: what comes in the same millisecond must not be passed by. */
function latestOf(rows: readonly unknown[], by: "lastUpdateTime" | "alertCreationTime"): number | undefined {
  const times = rows.map((row) => Date.parse(String((row as Record<string, unknown> | null)?.[by] ?? "")));
  const known = times.filter((at) => !Number.isNaN(at)).map(Math.floor);
  return known.length > 0 ? known.reduce((latest, at) => Math.max(latest, at)) : undefined;
}

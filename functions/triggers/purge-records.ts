import { app } from "@azure/functions";
import type { LazyTable } from "../../shared/storage/lazy-table.ts";
import { logLine } from "../log-line.ts";

/** Longer than runs are remembered: a case whose run is still there must not begin again with the same run. */
const LONGER_DAYS = 7;

/**
 * Forgets every night what was known of old alerts: facts, decisions and cases; and
 * what people were asked and told, and what could be taken back, of runs that are forgotten by now. Tickets, evidence and audit records stay.
 *
 * @param tables by name
 */
export function registerPurgeRecords(
  tables: ReadonlyMap<string, Pick<LazyTable, "removeOlderThan">>,
  { retentionDays }: { retentionDays: number },
): void {
  app.timer("purgeRecords", {
    schedule: "0 0 4 * * *",
    async handler(_, context) {
      const writtenBefore = new Date(Date.now() - (retentionDays + LONGER_DAYS) * 86_400_000);
      for (const [table, { removeOlderThan }] of tables) {
        const rows = await removeOlderThan(writtenBefore);
        context.info(logLine("old records forgotten", { table, rows, writtenBefore: writtenBefore.toISOString() }));
      }
    },
  });
}

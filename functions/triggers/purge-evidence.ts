import { app } from "@azure/functions";
import type { Locker } from "../../shared/evidence/locker.ts";
import { purgeEvidence } from "../../shared/evidence/purge-evidence.ts";
import { logLine } from "../log-line.ts";

/**
 * Removes every night the evidence that is past its retention and that nobody holds. Its records stay.
 *
 * @param by who stands on record as having purged it
 */
export function registerPurgeEvidence(locker: Locker, { storedBy: by }: { storedBy: string }): void {
  app.timer("purgeEvidence", {
    schedule: "0 30 4 * * *",
    async handler(_, context) {
      const purged = await purgeEvidence(locker, { by });
      for (const { name, outcome, reason } of purged) {
        context.info(logLine("evidence is past its retention", { name, outcome, reason }));
      }
      const failed = purged.filter(({ outcome }) => outcome === "failed").length;
      if (failed > 0) throw new Error(`${failed} of ${purged.length} pieces of evidence could not be purged`);
    },
  });
}

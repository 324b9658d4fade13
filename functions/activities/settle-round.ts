import { z } from "zod";
import { atOnce } from "../../shared/at-once.ts";
import { ASSESS_ALERT, carryOut } from "../../shared/intake/admit.ts";
import { assess } from "../../shared/intake/assess.ts";
import type { PendingAlert } from "../../shared/intake/pending-alerts.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { assessmentRunId } from "../../shared/runs/run-id.ts";
import type { Services } from "../../shared/services.ts";

const AT_ONCE = 20;

/**
 * Looks again at the alerts of a round: what has become complete was dealt with by who completed it; of the rest each is
 * read from Defender, in a run of its own.
 *
 * Safe to repeat: the ids of those runs follow from the alerts.
 */
export const settleRound = defineActivity({
  name: "settleRound",
  summary: "Has alerts that are still incomplete read from Defender.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "adopts",
  input: z.object({ round: z.iso.datetime() }),
  output: z.object({ complete: z.number(), incomplete: z.number() }),

  async perform({ round }, services) {
    const waiting = await services.pending.ofRound(round);
    const found = { complete: 0, incomplete: 0 };
    const settle = (alert: PendingAlert) => async () => {
      found[await settleOne(alert, services)]++;
    };
    await atOnce(AT_ONCE, waiting.map(settle), "Part of the incomplete alerts could not be looked at again");
    await services.pending.clear(round, waiting);
    return found;
  },
});

async function settleOne({ tenantId, alertId, mode }: PendingAlert, services: Services) {
  const { alerts, rules, runs } = services;
  const facts = await alerts.get(tenantId, alertId);
  if (!facts) return "complete";
  const assessment = assess(facts, { rules: rules(), now: new Date() });
  if (assessment.verdict === "incomplete" || assessment.verdict === "unread") {
    const isComplete = assessment.verdict === "unread";
    const input = { ...facts, ...(mode && { mode }), isComplete };
    await runs.startOnce(ASSESS_ALERT, assessmentRunId(facts, mode), input);
    await carryOut([{ facts, assessment, mode }], services);
    return "incomplete";
  }
  // Mostly whoever completed it has done this; but it may have died, or pretended, or the rules have changed since.
  await carryOut([{ facts, assessment, mode }], services);
  return "complete";
}

import { z } from "zod";
import { StepFailed } from "../../shared/errors.ts";
import { SETTLE_ALERTS } from "../../shared/intake/settle.ts";
import { definePlaybook, overOutages } from "../../shared/playbook.ts";
import { settleRound } from "../activities/settle-round.ts";

/**
 * Settle alerts
 *
 * When  alerts came in of which something is missing: how severe they are, or which machine they hit.
 * Does  gives the rest of them time to come, then has those that are still incomplete read from Defender.
 * Undo  nothing to undo: it changes nothing.
 */
export const settleAlerts = definePlaybook({
  name: SETTLE_ALERTS,
  version: 1,
  summary: "Waits for the rest of alerts that came in pieces, then has them read from Defender.",
  input: z.object({ round: z.iso.datetime(), waitsUntil: z.iso.datetime() }),

  *steps(run, { round, waitsUntil }) {
    run.report("waiting for the rest of the alerts");
    yield* run.sleep({ seconds: Math.max(0, Date.parse(waitsUntil) - run.now().getTime()) / 1000 });
    const settled = yield* overOutages(run, () => run.step(settleRound, { round }));
    if (settled instanceof StepFailed) throw settled;
    run.report(`${settled.incomplete} of them are read from Defender`);
    return settled;
  },
});

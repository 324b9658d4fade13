import { z } from "zod";
import { type KillSwitch, turnedOff, turnedOn } from "../../shared/policy/kill-switch.ts";
import { killSwitchRunId } from "../../shared/runs/run-id.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { cancelPendingContainments } from "../playbooks/cancel-pending-containments.ts";
import { createRunControl } from "../run-control.ts";
import { readJsonObject, registerRoute } from "./http.ts";
import { Reason, readReason } from "./reason.ts";

const TurnOn = Reason.extend({
  cancelPending: z.boolean().default(false).describe("Take back what this app has asked for and has not begun"),
});

/**
 * The kill switch: while it is on, nothing is changed in Defender, whoever asks for it. It stays on until a person turns
 * it off.
 *
 * `GET /api/kill-switch` tells how it stands. `PUT` turns it on, `{"by", "reason", "cancelPending"}`; `DELETE` turns it
 * off, `{"by", "reason"}`. All are safe to repeat, and each turn is on record.
 */
export function registerKillSwitch(
  { policyState, audit }: Pick<Services, "policyState" | "audit">,
  tenantId: string,
): void {
  const record = (isOn: boolean, { by, reason }: Reason) =>
    audit.record({
      runId: "kill-switch",
      activity: "killSwitch",
      effect: "write",
      event: "done",
      reason: `turned ${isOn ? "on" : "off"} by ${by}: ${reason}`,
    });

  registerRoute({
    name: "showKillSwitch",
    method: "GET",
    route: "kill-switch",
    handle: async () => ({ jsonBody: toView((await policyState.read()).killSwitch) }),
  });
  registerRoute({
    name: "turnOnKillSwitch",
    method: "PUT",
    route: "kill-switch",
    async handle(request, client, context) {
      const { cancelPending, ...asked } = readReason(TurnOn, await readJsonObject(request));
      // First of all the switch itself: what is cancelled must not be asked for again. It names the run it lets through.
      const killSwitch = await policyState.changeKillSwitch((now, at) =>
        turnedOn(now, { ...asked, at }, cancelPending ? killSwitchRunId(tenantId, at) : undefined),
      );
      context.warn(logLine("kill switch turned on", { ...asked, cancelPending }));
      const { cancelRunId } = killSwitch;
      if (cancelPending && cancelRunId) {
        await createRunControl(client).startOnce(cancelPendingContainments.name, cancelRunId, {});
      }
      await record(true, asked);
      return { jsonBody: toView(killSwitch) };
    },
  });
  registerRoute({
    name: "turnOffKillSwitch",
    method: "DELETE",
    route: "kill-switch",
    async handle(request, _, context) {
      const asked = readReason(Reason, await readJsonObject(request));
      const killSwitch = await policyState.changeKillSwitch((now, at) => turnedOff(now, { ...asked, at }));
      context.warn(logLine("kill switch turned off", asked));
      await record(false, asked);
      return { jsonBody: toView(killSwitch) };
    },
  });
}

const toView = ({ isOn, since, by, reason, cancelRunId }: KillSwitch) => ({
  isOn,
  ...(since && { since, by, reason }),
  ...(cancelRunId && { cancelRun: `/api/runs/${cancelRunId}` }),
});

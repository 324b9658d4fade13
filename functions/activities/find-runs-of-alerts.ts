import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import type { Decision } from "../../shared/intake/decision-log.ts";
import { defineActivity } from "../../shared/playbook.ts";
import type { Services } from "../../shared/services.ts";

/** How many alerts are asked about, and named, at once. */
export const MOST_ALERTS = 100;

/** A run that was started for an alert, by a rule or by people. */
export const RunOfAlerts = z.object({
  runId: z.string(),
  state: z.enum(["absent", "under-way", "ended"]),
  playbook: z.string().optional(),
  otherAlerts: z.array(AlertId).describe("Alerts in its care beside those asked about, the first 100"),
  hasMoreAlerts: z.boolean(),
});
export type RunOfAlerts = z.infer<typeof RunOfAlerts>;

/** Finds the runs that alerts led to, with the other alerts in their care. What was only pretended is left out. */
export const findRunsOfAlerts = defineActivity({
  name: "findRunsOfAlerts",
  summary: "Finds the runs that alerts led to, and which other alerts these runs are about.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({
    alertIds: z
      .array(AlertId)
      .min(1)
      .max(MOST_ALERTS + 1),
  }),
  output: z.object({ runs: z.array(RunOfAlerts) }),

  async perform({ alertIds }, services, { runId: own }) {
    const decided = await Promise.all(alertIds.map((alertId) => services.decisions.ofAlert(alertId)));
    const led = decided.flat().filter(({ runId, mode }) => runId && runId !== own && mode !== "shadow");
    const runs = [...Map.groupBy(led, ({ runId }) => runId ?? "")].map(async ([runId, decisions]) => {
      const { state, playbook } = await services.runs.look(runId);
      const inCare = await Promise.all(decisions.map((decision) => alertsInCare(decision, services)));
      const others = [...new Set(inCare.flat())].filter((alertId) => !alertIds.includes(alertId));
      const otherAlerts = others.slice(0, MOST_ALERTS);
      const hasMoreAlerts = others.length > MOST_ALERTS;
      return { runId, state, ...(playbook !== undefined && { playbook }), otherAlerts, hasMoreAlerts };
    });
    return { runs: await Promise.all(runs) };
  },
});

type Reach = Pick<Services, "cases" | "sharedPlaybooks">;

/** Every alert that joined the run on the machine of a decision. */
async function alertsInCare(decision: Decision, { cases, sharedPlaybooks }: Reach): Promise<AlertId[]> {
  const machineId = MachineId.safeParse(decision.machineId).data;
  const { tenantId, runId, mode = "act" } = decision;
  if (!machineId || !runId) return [];
  const of = (playbook: string) => cases.alertsOf({ tenantId, machineId, playbook, mode }, runId, 0);
  const links = await Promise.all([...sharedPlaybooks].map(of));
  return links.flat().map(({ alertId }) => alertId);
}

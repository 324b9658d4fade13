import { z } from "zod";
import { atOnce } from "../../shared/at-once.ts";
import { IsolationType } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { mostMachinesPerHour } from "../../shared/policy/judge.ts";
import { requestedRunId } from "../../shared/runs/run-id.ts";
import type { Services } from "../../shared/services.ts";

const CONTAIN_DEVICE = "contain-device";

/** How many machines are contained in one go. */
export const LARGEST_WAVE = 50;

/** Durable is not to be flooded with starts. */
const STARTS_AT_ONCE = 10;

/**
 * Starts the containment of each of some machines, as a run of its own in the mode of the run that asks. A machine that
 * intake has in containment already is left to that run, unless it takes less from the machine than is asked for.
 *
 * Safe to repeat: the ids of the runs follow from the run that asks, its round and the machine. An isolation that was
 * asked for in any other way meanwhile is adopted by the run, never asked for twice.
 *
 * Starts no more than the cap of the tenant leaves to the run that asks: by default, a containment that reaches the cap
 * opens the circuit breaker for all.
 *
 * @returns the run that has each machine in its care, in their order, and the machines that the cap leaves out; no runs
 * where it is only pretended
 */
export const startContainments = defineActivity({
  name: "startContainments",
  summary: "Starts the containment of machines, or joins those that are contained already.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({
    machineIds: z.array(MachineId).min(1).max(LARGEST_WAVE),
    round: z.int().positive().describe("A machine is tried again in a later round by a run of its own"),
    startedThisHour: z.int().nonnegative().describe("How many it has started within the hour"),
    with: z.object({
      isolationType: IsolationType,
      tenantId: z.string().optional(),
      incidentId: z.string().describe("Their runs share its ticket"),
      alertTitle: z.string().optional(),
      severity: z.string(),
      leaseHours: z.number().optional(),
    }),
  }),
  output: z.object({
    runs: z.array(z.object({ machineId: MachineId, runId: z.string(), joined: z.boolean() })),
    leftOut: z.array(MachineId).default([]),
  }),
  pretend: () => ({ runs: [] }),
  target: ({ machineIds, round }) => `containment of ${machineIds.length} device(s), wave ${round}`,

  async perform({ machineIds, round, startedThisHour, with: given }, services, { runId: own, mode = "act" }) {
    const tenantId = given.tenantId ?? services.tenantId;
    const room = Math.max(0, mostMachinesPerHour(services.policy()) - startedThisHour);
    const chosen = machineIds.slice(0, room);
    const isMild = given.isolationType === "Selective";
    const started: { machineId: MachineId; runId: string; joined: boolean }[] = [];
    const start = (machineId: MachineId, index: number) => async () => {
      const key = { tenantId, machineId, playbook: CONTAIN_DEVICE, mode };
      const underWay = await runUnderWay(services, key, isMild);
      const runId = underWay ?? requestedRunId(CONTAIN_DEVICE, `${own}/${round}/${machineId}`);
      // Nobody joins it, as it has no case: it need not wait for further alerts.
      if (!underWay)
        await services.runs.startOnce(CONTAIN_DEVICE, runId, { ...given, machineId, joinMinutes: 0 }, { mode });
      started[index] = { machineId, runId, joined: underWay !== undefined };
    };
    await atOnce(STARTS_AT_ONCE, chosen.map(start), "Part of the containments could not be started");
    return { runs: started, leftOut: machineIds.slice(room) };
  },
});

async function runUnderWay(
  { cases, runs }: Pick<Services, "cases" | "runs">,
  key: Parameters<Services["cases"]["openRun"]>[0],
  isMild: boolean,
): Promise<string | undefined> {
  const open = await cases.openRun(key);
  if (!open || (open.isMild && !isMild)) return undefined;
  return (await runs.stateOf(open.runId)) === "under-way" ? open.runId : undefined;
}

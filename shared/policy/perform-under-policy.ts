import { nullIfNotFound } from "../defender/error.ts";
import { type Machine, MachineId } from "../defender/machines/machine.ts";
import { messageOf, PermanentError } from "../errors.ts";
import { type Activity, type Asking, actsOnMachine } from "../playbook.ts";
import type { Services } from "../services.ts";
import { judge } from "./judge.ts";

/**
 * Performs an activity; one that acts on a machine only after the policy allowed it, with an audit record of verdict
 * and result.
 *
 * Every activity runs through here, whichever playbook or way in asked for it. The machine is read afresh, so a tag set
 * a second ago counts, and the verdict is on record before the action: without a record there is no action.
 *
 * @throws PermanentError `InvalidInput` for input the activity does not take, `PolicyDenied` when the policy refuses
 */
export async function performUnderPolicy(
  activity: Activity,
  input: unknown,
  services: Services,
  asking: Asking,
): Promise<unknown> {
  const parsed = activity.input.safeParse(input);
  if (!parsed.success) throw new PermanentError("InvalidInput", `${activity.name} was given ${parsed.error.message}`);
  if (!actsOnMachine(activity)) return activity.perform(parsed.data, services, asking);

  const machineId = MachineId.parse(activity.machineId(parsed.data));
  const entry = { runId: asking.runId, activity: activity.name, effect: activity.effect, machineId };
  const machine = await readMachine(services, machineId);
  const verdict = judge(activity.effect, machine, services.policy);
  await services.audit.record({ ...entry, event: verdict.allowed ? "allowed" : "denied", reason: verdict.reason });
  if (!verdict.allowed) throw new PermanentError("PolicyDenied", verdict.reason);

  try {
    const result = await activity.perform(parsed.data, services, asking);
    await services.audit.record({ ...entry, event: "done", reason: describe(result) });
    return result;
  } catch (error) {
    const unrecorded = await services.audit
      .record({ ...entry, event: "failed", reason: messageOf(error) })
      .catch(messageOf);
    // The failure decides what happens next, also when it could not be recorded.
    if (unrecorded && error instanceof Error) error.message += ` (and the audit log refused: ${unrecorded})`;
    throw error;
  }
}

/** A read is sometimes answered with 404 for a machine that is there, and with the machine a moment later. */
const PAUSES_MS = [300, 1_000];

async function readMachine({ defender }: Services, machineId: MachineId): Promise<Machine> {
  for (const pauseMs of PAUSES_MS) {
    const machine = await nullIfNotFound(defender.machines.get(machineId));
    if (machine) return machine;
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
  return defender.machines.get(machineId);
}

function describe(result: unknown): string {
  const { id, status } = (result ?? {}) as { id?: unknown; status?: unknown };
  return id === undefined ? "" : `${id}${status ? `, ${status}` : ""}`;
}

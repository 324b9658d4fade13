import { type Machine, machineLabel } from "../defender/machines/machine.ts";
import type { Question, Use } from "./approval.ts";

/** The question that the gate has a run ask before a step: it names activity, machine and the policy's reason. */
export function askAboutStep(
  use: Use,
  machine: Machine | undefined,
  target: string | undefined,
  reason: string,
): Question {
  const { activity, machineId, step } = use;
  const on = machine ? ` on ${machineLabel(machine)}` : target ? ` on ${target}` : "";
  const lines = [
    `The run ${use.runId} wants to take the step ${activity}${on}.`,
    ...(machine
      ? [`Device: ${machineLabel(machine)} (${machine.id}), ${machine.osPlatform ?? "system unknown"}.`]
      : []),
    `${reason}.`,
  ];
  const deviceGroup = machine?.rbacGroupName;
  return {
    key: `step ${step}`,
    title: `Approve ${activity}${on}?`.slice(0, 300),
    text: lines.join("\n").slice(0, 4_000),
    about: {
      activity,
      step,
      ...(machineId && machine && { machineId: machine.id }),
      ...(deviceGroup && { deviceGroup }),
    },
  };
}

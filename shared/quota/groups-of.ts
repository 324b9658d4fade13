import { machineCalls } from "../defender/machines/calls.ts";
import { type Activity, actsOnMachine } from "../playbook.ts";

/** The limits a step counts against, once each. The policy reads the machine before anything is done to it. */
export function groupsOf(activity: Activity): string[] {
  const calls = actsOnMachine(activity) ? [machineCalls.get, ...activity.calls] : activity.calls;
  return [...new Set(calls.filter(({ shared }) => !shared).map(({ group }) => group))];
}

import { machineCalls } from "../defender/machines/calls.ts";
import { type Activity, actsOnMachine } from "../playbook.ts";

/** Calls that count against one limit. */
export interface GroupCalls {
  group: string;
  /** None for a call that many steps share: those wait only while Defender has refused it. */
  count: 0 | 1;
}

/** The limits a step counts against. The policy reads the machine before anything is done to it. */
export function groupsOf(activity: Activity): GroupCalls[] {
  const calls = actsOnMachine(activity) ? [machineCalls.get, ...activity.calls] : activity.calls;
  const counts = new Map(calls.map(({ group, shared }) => [group, shared ? 0 : 1] as const));
  return [...counts].map(([group, count]) => ({ group, count }));
}

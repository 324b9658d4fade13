import type { Effect } from "../playbook.ts";
import { PRIORITIES, type Priority } from "./priority.ts";

const BY_EFFECT: Record<Effect, Priority> = {
  contain: "containment",
  release: "release",
  collect: "follow-up",
  write: "follow-up",
  read: "enrichment",
};

/** How urgent a step is: by what it does, but never more urgent than its playbook as a whole. */
export function priorityOf(effect: Effect, atMost: Priority = "containment"): Priority {
  const own = BY_EFFECT[effect];
  return PRIORITIES.indexOf(own) < PRIORITIES.indexOf(atMost) ? atMost : own;
}

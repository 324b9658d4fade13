import type { MachineId } from "../../shared/defender/machines/machine.ts";
import type { SeenRun } from "../activities/read-runs.ts";

/** What became of a machine of an outbreak, as far as anybody knows. */
export type Fate =
  | "not-started"
  | "would-be-contained"
  | "under-way"
  | "contained"
  | "queued"
  | "waiting"
  | "capped"
  | "group-capped"
  | "stopped"
  | "refused"
  | "failed";

/** A machine of an outbreak, and the run that has its containment in its care. */
export interface Contained {
  machineId: MachineId;
  fate: Fate;
  runId?: string;
  /** Whether the run was there before, for other alerts of the machine. */
  joined?: boolean;
  /** Why it is not contained. */
  words?: string;
}

/** How a containment says where it stands, the first that fits counts. */
const SAYS: readonly (readonly [RegExp, Fate])[] = [
  [/^Shadow, /, "would-be-contained"],
  [/^Isolated/, "contained"],
  [/^Not isolated: The (?:kill switch is on|circuit breaker is open) since /, "stopped"],
  [/^Not isolated: Within an hour no more than .* of the device group /, "group-capped"],
  [/^Not isolated: Within an hour no more than /, "capped"],
  [/^Not isolated: \w+ ended as /, "failed"],
  [/^Not isolated: /, "refused"],
  [/^queued, device offline/, "queued"],
  [/^waiting for approval |, waiting until /, "waiting"],
];

/** What a look at the run of a containment tells of its machine. */
export function fateOf({ state, words = "", outcome }: SeenRun): Pick<Contained, "fate" | "words"> {
  const fate = SAYS.find(([says]) => says.test(words))?.[1];
  const isOpen = fate === undefined || fate === "queued" || fate === "waiting";
  if (state === "under-way") return { fate: fate ?? "under-way", words };
  if (outcome !== undefined) return { fate: isOpen ? "failed" : fate, words };
  if (fate === "would-be-contained" || fate === "contained") return { fate, words };
  return { fate: "failed", words: "its run failed or was cancelled" };
}

const IN_WORDS: Record<Fate, string> = {
  contained: "contained",
  "would-be-contained": "would be contained",
  queued: "queued, device offline",
  waiting: "waiting for a person",
  "under-way": "under way",
  capped: "not contained, as the hour's cap is reached",
  "group-capped": "not contained, as the hour's cap of the device group is reached",
  refused: "refused, a person must decide",
  stopped: "stopped by circuit breaker or kill switch",
  failed: "failed",
  "not-started": "not started",
};

/** How many machines met which fate: `8 contained, 2 queued, device offline`. */
export function describeTally(all: readonly Contained[]): string {
  const counts = Map.groupBy(all, ({ fate }) => fate);
  const parts = (Object.keys(IN_WORDS) as Fate[]).flatMap((fate) => {
    const count = counts.get(fate)?.length;
    return count ? [`${count} ${IN_WORDS[fate]}`] : [];
  });
  return parts.join("; ");
}

export const isContained = ({ fate }: Contained): boolean => fate === "contained" || fate === "would-be-contained";

/** So many are named; the outcome of the run has the rest. */
const MOST_NAMED = 20;

/** Those that are not contained, and why. */
export function describeNotContained(all: readonly Contained[]): string {
  const not = all.filter((one) => !isContained(one));
  if (not.length === 0) return "";
  const named = not
    .slice(0, MOST_NAMED)
    .map(({ machineId, fate, words }) => `${machineId}: ${words?.replace(/\.$/, "") || IN_WORDS[fate]}`);
  const more = not.length > MOST_NAMED ? `; and ${not.length - MOST_NAMED} more` : "";
  return `Not contained: ${named.join("; ")}${more}.`;
}

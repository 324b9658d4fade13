import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { AskedAt } from "../../shared/defender/machine-actions/action-comment.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { keepLease } from "../../shared/leases/keep-lease.ts";
import { endAfter, type Lease } from "../../shared/leases/lease.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Notes that a run has isolated a machine, and until when; where there is an end, a run is started that sees to it. While
 * the device is away the isolation is `queued`, and its time has not begun.
 *
 * Safe to repeat. An isolation that another run holds is joined, and lasts until the later of both ends; one that is
 * being released stays so, unless the run has wanted it isolated after that began: then it is held anew, and who was
 * releasing it lets go.
 *
 * @param input.hours absent: as the policy says; 0 = no end
 * @returns the end; `null` where there is none
 */
export const startLease = defineActivity({
  name: "startLease",
  summary: "Notes that a machine is isolated, and until when.",
  effect: "write",
  calls: [],
  repeat: "sets",
  input: z.object({
    machineId: MachineId,
    machineActionId: z.string().optional(),
    alertId: AlertId.optional(),
    hours: z.number().nonnegative().optional(),
    isQueued: z.boolean().default(false),
    askedAt: AskedAt.optional(),
  }),
  output: z.object({ until: z.iso.datetime().nullable() }),
  target: ({ machineId }) => `isolation of machine ${machineId}`,
  pretend: () => ({ until: null }),

  async perform({ hours, isQueued, askedAt, ...about }, services, { runId, playbook, tenantId }) {
    const { leases: policy } = services.policy();
    const lease = await services.leases.change(about.machineId, (before, now): Lease => {
      const startedAt = now.toISOString();
      const until = isQueued ? undefined : endAfter(startedAt, hours ?? policy.isolationHours, policy);
      const state = isQueued ? ("queued" as const) : ("held" as const);
      const revision = (before?.revision ?? 0) + 1;
      const ofCase = playbook && tenantId ? { ofCase: { tenantId, playbook } } : {};
      const by = playbook ?? "a run";
      const fresh = { ...about, ...ofCase, runId, by, state, startedAt, ...(until && { until }), revision };
      if (before === undefined || before.state === "ended") return fresh;
      if (isWantedAnew(before, askedAt)) return { ...fresh, ...shared(before, before) };
      if (before.runId === runId) {
        return before.state === "queued" && !isQueued
          ? { ...fresh, ...shared(before), ...(before.event && { event: before.event }) }
          : before;
      }
      // The device that was away for another run is isolated now.
      if (before.state === "queued" && !isQueued) return { ...fresh, ...shared(before, before) };
      if (isQueued || before.state !== "held") return { ...before, ...shared(before, fresh) };
      return { ...withEnd(before, laterEnd(before.until, until), revision), ...shared(before, fresh) };
    });
    await keepLease(services, about.machineId);
    return { until: lease?.state === "held" ? (lease.until ?? null) : null };
  },
});

/** Whether the isolation was wanted after the release of the one there is had begun. */
const isWantedAnew = ({ state, releasingSince }: Lease, askedAt: string | undefined): boolean =>
  state === "releasing" &&
  releasingSince !== undefined &&
  askedAt !== undefined &&
  Date.parse(askedAt) > Date.parse(releasingSince);

/** Runs that share an isolation: of a machine that alerts never leave alone, the latest. */
const MOST_SHARED = 20;

/** Who shares it, with one more. */
function shared({ sharedWith = [] }: Lease, more?: Pick<Lease, "runId" | "alertId">): Pick<Lease, "sharedWith"> {
  if (!more) return sharedWith.length > 0 ? { sharedWith } : {};
  const { runId, alertId } = more;
  const others = sharedWith.filter((one) => one.runId !== runId);
  return { sharedWith: [...others, { runId, ...(alertId && { alertId }) }].slice(-MOST_SHARED) };
}

/** No end is the latest of all. */
const laterEnd = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || other === undefined ? undefined : one > other ? one : other;

function withEnd({ until: before, ...lease }: Lease, until: string | undefined, revision: number): Lease {
  if (before === until) return { ...lease, ...(before && { until: before }) };
  return { ...lease, ...(until && { until }), revision };
}

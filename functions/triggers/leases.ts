import type { HttpRequest } from "@azure/functions";
import type { DurableClient } from "durable-functions";
import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { keepLease } from "../../shared/leases/keep-lease.ts";
import { boundedEnd, endAfter, isOver, type Lease, type LeaseBounds } from "../../shared/leases/lease.ts";
import type { Effect } from "../../shared/playbook.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import { Problem, readJsonObject, registerRoute } from "./http.ts";
import type { RequesterOf } from "./requester.ts";

const By = z.string().trim().min(1).max(200).default("a person");

const NewEnd = z.union([
  z.strictObject({ until: z.iso.datetime(), by: By }),
  z.strictObject({ hours: z.number().nonnegative().max(8_760).describe("From now on; 0 = no end"), by: By }),
]);

const Release = z.strictObject({ reason: z.string().trim().min(1).max(500), by: By });

/**
 * What is isolated, and until when.
 *
 * `GET /api/leases` lists it. `PATCH /api/leases/{machineId}` moves the end, `{"until": ...}` or `{"hours": ...}` from
 * now on, 0 for none, within the policy's most hours; an end in the past is one now.
 * `POST /api/leases/{machineId}/release` with `{"reason": ...}` releases the device now. `by` may be given with both; where
 * the request has an Entra token, it is who that says. Both are in the audit of the run that contained the device. All are
 * safe to repeat.
 */
export function registerLeases(
  services: Pick<Services, "leases" | "policy" | "tenantId" | "audit">,
  requesterOf: RequesterOf,
): void {
  const record = ({ runId, machineId }: Lease, effect: Effect, reason: string) =>
    services.audit.record({ runId, machineId, activity: "lease", effect, event: "done", reason });

  registerRoute({
    name: "listLeases",
    method: "GET",
    route: "leases",
    handle: async () => ({ jsonBody: { leases: (await services.leases.open()).map(shown) } }),
  });
  registerRoute({
    name: "moveLeaseEnd",
    method: "PATCH",
    route: "leases/{machineId}",
    async handle(request, client, context) {
      const { data, error } = NewEnd.safeParse(await readJsonObject(request));
      if (!data) throw new Problem(400, "The end cannot be used", z.prettifyError(error));
      const by = (await requesterOf(request)) ?? data.by;
      const bounds = services.policy().leases;
      const lease = await change(services, { client, request }, (before, now) => {
        if (before.state !== "held") throw isNotHeld(before);
        const { until: _, ...lease } = before;
        const until = newEnd(data, before, now, bounds);
        return { ...lease, ...(until && { until }), by, revision: before.revision + 1 };
      });
      await record(lease, "write", `${by} moved the end of the isolation to ${lease.until ?? "never"}`);
      context.info(logLine("end of an isolation moved", { machineId: lease.machineId, until: lease.until }));
      return { jsonBody: shown(lease) };
    },
  });
  registerRoute({
    name: "releaseLease",
    method: "POST",
    route: "leases/{machineId}/release",
    async handle(request, client, context) {
      const { data, error } = Release.safeParse(await readJsonObject(request));
      if (!data) throw new Problem(400, "The release cannot be asked for so", z.prettifyError(error));
      const by = (await requesterOf(request)) ?? data.by;
      const lease = await change(services, { client, request }, (before, now) =>
        before.state === "releasing"
          ? before
          : {
              ...before,
              state: "releasing",
              releasingSince: now.toISOString(),
              by,
              reason: `${by} asked for it: ${data.reason}`,
              revision: before.revision + 1,
            },
      );
      await record(lease, "release", `${by} asked for the release: ${data.reason}`);
      context.info(logLine("release asked for", { machineId: lease.machineId, by }));
      return { status: 202, headers: { location: `/api/runs/${lease.holdRunId}` }, jsonBody: shown(lease) };
    },
  });
}

/** Changes an open lease, and sees to it that a run knows. */
async function change(
  services: Pick<Services, "leases" | "tenantId">,
  { client, request }: { client: DurableClient; request: HttpRequest },
  how: (lease: Lease, now: Date) => Lease,
): Promise<Lease> {
  const { data: machineId } = MachineId.safeParse(request.params.machineId);
  const missing = new Problem(404, "This device is not isolated by this app", "GET /api/leases lists what is.");
  if (!machineId) throw missing;
  await services.leases.change(machineId, (before, now) => {
    if (!before || isOver(before)) throw missing;
    return how(before, now);
  });
  await keepLease({ ...services, runs: createRunControl(client) }, machineId);
  const lease = await services.leases.get(machineId);
  if (!lease) throw missing;
  return lease;
}

function isNotHeld({ state }: Lease): Problem {
  return state === "queued"
    ? new Problem(409, "The device is away, and not isolated yet", "Its time begins when it is. It can be released.")
    : new Problem(409, "The device is being released", "Contain it again instead.");
}

function newEnd(
  asked: z.output<typeof NewEnd>,
  { startedAt }: Lease,
  now: Date,
  bounds: LeaseBounds,
): string | undefined {
  if ("until" in asked) return boundedEnd(startedAt, Date.parse(asked.until), bounds);
  if (asked.hours === 0) return endAfter(startedAt, 0, bounds);
  return boundedEnd(startedAt, now.getTime() + asked.hours * 3_600_000, bounds);
}

const shown = ({ event: _, revision: __, ...lease }: Lease) => ({ ...lease, until: lease.until ?? null });

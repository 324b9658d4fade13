import type { Reply } from "../http.ts";
import type { Sightings } from "../state/evidence.ts";
import { ApiError } from "./error.ts";
import { readCount } from "./odata-list.ts";
import type { Call } from "./route.ts";

const LONGEST_HOURS = 720;

/** @throws ApiError `InvalidInput` for a `lookBackHours` of more than 30 days */
export function checkLookBack(query: URLSearchParams): void {
  const hours = readCount(query, "lookBackHours") ?? LONGEST_HOURS;
  if (hours > LONGEST_HOURS) {
    throw new ApiError(400, "InvalidInput", `lookBackHours may be ${LONGEST_HOURS} at most, and is ${hours}.`);
  }
}

/** The machines something was seen on. */
export function machinesWith({ simulator, context }: Call, { machineIds }: Sightings, most?: number): Reply {
  const machines = machineIds.flatMap((id) => simulator.tenant.machines.get(id)?.machine ?? []);
  return { status: 200, body: { "@odata.context": context("Machines"), value: machines.slice(0, most) } };
}

/** How far an address or a domain is known in the tenant: as put there, or else what alerts show within the time asked for. */
export function statsOf({ simulator, query }: Call, { alerts }: Sightings) {
  checkLookBack(query);
  const hours = readCount(query, "lookBackHours") ?? LONGEST_HOURS;
  const since = new Date(simulator.tenant.now() - hours * 60 * 60_000).toISOString();
  const recent = alerts.filter(({ lastEventTime }) => lastEventTime !== null && lastEventTime >= since);
  const times = recent.flatMap(({ firstEventTime, lastEventTime }) => [firstEventTime, lastEventTime]).sort();
  return {
    organizationPrevalence: new Set(recent.map(({ machineId }) => machineId)).size,
    orgFirstSeen: times[0] ?? null,
    orgLastSeen: times.at(-1) ?? null,
  };
}

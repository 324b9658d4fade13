import type { Reply } from "../http.ts";
import { type InvestigationRecord, investigationAt, isInvestigationOpen } from "../state/investigation.ts";
import type { Tenant } from "../state/tenant.ts";
import { ApiError, notFound } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import type { Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import { readParameters } from "./parameters.ts";
import { onWindowsOnly } from "./response-actions.ts";
import type { Call, Route } from "./route.ts";

const filterable: Filterable = {
  startTime: "time",
  id: "text",
  state: "text",
  machineId: "text",
  triggeringAlertId: "text",
};

const roles = ["Alert.ReadWrite.All"];

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-collection */
const listInvestigations: Route = {
  method: "GET",
  path: "/investigations",
  roles,
  perform({ simulator: { tenant }, query, address, context }) {
    const { filter, page } = readListQuery(query, filterable, { address });
    const now = tenant.now();
    const investigations = candidates(tenant, filter.possible("machineId"))
      .map((investigation) => investigationAt(investigation, now))
      .filter(filter.matches)
      .reverse();
    return { status: 200, body: { "@odata.context": context("Investigations"), ...page(investigations) } };
  },
};

/**
 * By its own id, or by that of the alert that set it off.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-object
 */
const getInvestigation: Route = {
  method: "GET",
  path: "/investigations/{investigationId}",
  roles,
  perform(call) {
    const { investigationId = "" } = call.ids;
    const { investigations } = call.simulator.tenant.tables;
    const investigation =
      investigations.get(investigationId) ?? investigations.where("triggeringAlertId", investigationId).at(-1);
    if (!investigation) throw notFound("Investigation", investigationId);
    return answer(call, 200, investigation);
  },
};

/**
 * Answers with an investigation, not with a machine action.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/initiate-autoir-investigation
 */
const startInvestigation: Route = {
  method: "POST",
  path: "/machines/{machineId}/startInvestigation",
  roles,
  limit: { perHour: 50 },
  perform(call) {
    const { simulator, ids, body } = call;
    const { tenant, settings } = simulator;
    const { machine } = findMachine(simulator, ids.machineId ?? "") ?? unknown(ids.machineId ?? "");
    readParameters(body, { Comment: { required: true } });
    onWindowsOnly(machine);

    const now = tenant.now();
    const open = tenant.tables.investigations
      .where("machineId", machine.id)
      .find((investigation) => isInvestigationOpen(investigationAt(investigation, now)));
    if (open && settings.current.duplicateActions === "returnOpen") return answer(call, 201, open);
    if (open) throw new ApiError(400, "ActiveRequestAlreadyExists", "Action is already in progress");

    const { investigationDelays, investigationOutcome: outcome } = settings.current;
    const investigation: InvestigationRecord = {
      id: nextId(tenant),
      machineId: machine.id,
      computerDnsName: machine.computerDnsName,
      course: {
        startedAt: now,
        runningAt: now + investigationDelays.runningAfterMs,
        finalAt: now + investigationDelays.finalAfterMs,
        outcome,
      },
    };
    tenant.tables.put("investigations", investigation);
    return answer(call, 201, investigation);
  },
};

export const investigationRoutes: readonly Route[] = [listInvestigations, getInvestigation, startInvestigation];

function candidates({ tables }: Tenant, machineIds: ReadonlySet<string> | undefined): InvestigationRecord[] {
  if (!machineIds) return tables.investigations.all();
  return [...machineIds].flatMap((machineId) => tables.investigations.where("machineId", machineId));
}

/** Ids are numbers that grow, and are printed as texts. */
function nextId({ tables }: Tenant): string {
  const newest = Number(tables.investigations.newestKey ?? 0);
  return String((Number.isSafeInteger(newest) && newest > 0 ? newest : 63_000) + 1);
}

function answer({ simulator: { tenant }, context }: Call, status: number, investigation: InvestigationRecord): Reply {
  const printed = investigationAt(investigation, tenant.now());
  return {
    status,
    body: { "@odata.context": context("Investigations/$entity"), ...printed },
    ...(investigation.machineId && { about: { machineId: investigation.machineId } }),
  };
}

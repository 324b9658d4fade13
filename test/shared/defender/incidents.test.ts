import { expect, test, vi } from "vitest";
import { AlertId } from "../../../shared/defender/alerts/alert.ts";
import { graphAlertCalls } from "../../../shared/defender/graph-alerts/calls.ts";
import { graphIncidentCalls } from "../../../shared/defender/graph-incidents/calls.ts";
import { IncidentId } from "../../../shared/defender/graph-incidents/incident.ts";
import { eq } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { xdrIncidentCalls } from "../../../shared/defender/xdr-incidents/calls.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(xdrIncidentCalls, graphAlertCalls, graphIncidentCalls);

const alertId = AlertId.parse(ALERT_ID);
const incidentId = IncidentId.parse("28282");

/** A tenant with one incident of one alert on one machine. */
async function tenantWithAnIncident() {
  const defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.addAlert({ id: ALERT_ID, incidentId: 28282, machineId: MACHINE_ID, title: "Odd sign-in" });
  return defender;
}

test("reads an incident of Defender XDR with its alerts, and changes it", async () => {
  await using defender = await tenantWithAnIncident();
  const { xdrIncidents } = defender.defender;

  expect(await xdrIncidents.get(28282)).toMatchObject({ incidentId: 28282, alerts: [{ alertId: ALERT_ID }] });
  await xdrIncidents.update(28282, { status: "Resolved", tags: ["drill"], comment: "Looked at" });
  expect(await allOf(xdrIncidents.list({ filter: eq("status", "Resolved") }))).toMatchObject([
    { incidentId: 28282, tags: ["drill"], comments: [{ comment: "Looked at" }] },
  ]);
});

test("lists more incidents than a page holds, which is small here", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlerts(Array.from({ length: 101 }, (_, number) => ({ incidentId: number + 1 })));

  expect(await allOf(defender.defender.xdrIncidents.list())).toHaveLength(101);
  const calls = await defender.simulator.journal({ path: "/api/incidents" });
  expect(calls.map(({ query }) => query)).toEqual(["$top=100", "$top=100&$skip=100"]);
});

test("reads an alert by Graph, under its id at Defender, changes it and comments on it", async () => {
  await using defender = await tenantWithAnIncident();
  const { graphAlerts } = defender.defender;

  expect(await graphAlerts.get(alertId)).toMatchObject({ id: ALERT_ID, incidentId: "28282", status: "new" });
  expect(await graphAlerts.update(alertId, { status: "inProgress" })).toMatchObject({ status: "inProgress" });
  expect((await graphAlerts.comment(alertId, "Looked at")).value).toMatchObject([{ comment: "Looked at" }]);
  expect(await allOf(graphAlerts.list({ filter: eq("status", "inProgress") }))).toMatchObject([{ id: ALERT_ID }]);
});

test("reads an incident by Graph, its alerts if asked for, changes it and comments on it", async () => {
  await using defender = await tenantWithAnIncident();
  const { graphIncidents } = defender.defender;

  expect((await graphIncidents.get(incidentId)).alerts).toBeUndefined();
  // Without it newer values would come as unknown.
  expect(vi.mocked(fetch).mock.lastCall?.[1]?.headers).toMatchObject({ prefer: "include-unknown-enum-members" });
  expect(await graphIncidents.get(incidentId, { expand: "alerts" })).toMatchObject({ alerts: [{ id: ALERT_ID }] });
  await graphIncidents.update(incidentId, { status: "resolved", customTags: ["drill"] });
  await graphIncidents.comment(incidentId, "Looked at");
  expect(await graphIncidents.get(incidentId)).toMatchObject({
    status: "resolved",
    customTags: ["drill"],
    comments: [{ comment: "Looked at" }],
  });
});

test("follows Graph's links through a list of many pages", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlerts(Array.from({ length: 120 }, (_, number) => ({ incidentId: number + 1 })));

  const ids = (await allOf(defender.defender.graphIncidents.list({ filter: eq("severity", "medium") }))).map(
    ({ id }) => id,
  );
  expect(new Set(ids).size).toBe(120);
  expect(await defender.simulator.journal({ path: "/graph/v1.0/security/incidents" })).toHaveLength(3);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Call, GRAPH, simulatedDefender, XDR } from "./simulated-defender.ts";

const alertId = "da637472900382838869_1364969609";
const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;
let xdr: Call;
let graph: Call;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
  xdr = defender.callAs(["Incident.ReadWrite.All"], { audience: XDR });
  const roles = ["SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All"];
  const callGraph = defender.callAs(roles, { audience: GRAPH });
  graph = (method, path, ...rest) => callGraph(method, `/graph/v1.0/security/${path}`, ...rest);
});
afterAll(() => defender.close());
beforeEach(async () => {
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId });
  await defender.control.addAlerts([
    {
      id: alertId,
      incidentId: 42,
      title: "Hands on keyboard",
      severity: "High",
      machineId,
      evidence: [{ entityType: "File", sha1: "8563f95b2f8a284fc99da44500cd51a77c1ff36c", fileName: "a.dll" }],
    },
    { incidentId: 42, severity: "Low" },
  ]);
});

describe("an incident", () => {
  test("follows from its alerts", async () => {
    const { body } = await xdr("GET", "/api/incidents/42");

    expect(body).toMatchObject({
      incidentId: 42,
      incidentName: "Hands on keyboard",
      status: "Active",
      severity: "High",
      alerts: [{ alertId, devices: [{ mdeDeviceId: machineId }], entities: [{ fileName: "a.dll" }] }, {}],
    });
    expect((await xdr("GET", "/api/incidents/43")).status).toBe(404);
  });

  test("keeps what was said of it, on both interfaces", async () => {
    await xdr("PATCH", "/api/incidents/42", {
      status: "Resolved",
      classification: "TruePositive",
      determination: "Malware",
      tags: ["pilot"],
      comment: "Contained",
    });
    const { body } = await graph("GET", "incidents/42?$expand=alerts");

    expect(body).toMatchObject({
      id: "42",
      status: "resolved",
      classification: "truePositive",
      determination: "malware",
      customTags: ["pilot"],
      comments: [{ comment: "Contained", createdBy: defender.clientId }],
      alerts: [{ id: alertId }, {}],
    });
  });

  test("takes a determination only with its classification", async () => {
    expect((await xdr("PATCH", "/api/incidents/42", { determination: "Malware" })).status).toBe(400);
    expect((await graph("PATCH", "incidents/42", { determination: "malware" })).status).toBe(400);
    expect(
      (await graph("PATCH", "incidents/42", { classification: "truePositive", determination: "phishing" })).body,
    ).toMatchObject({ classification: "truePositive", determination: "phishing" });
  });

  test("is listed by what changed, in pages of 100 at most", async () => {
    const filter = encodeURIComponent("lastUpdateTime ge 2026-01-05T00:00:00Z and status eq 'Active'");

    expect((await xdr("GET", `/api/incidents?$filter=${filter}`)).body.value).toHaveLength(1);
    expect((await xdr("GET", "/api/incidents?$top=101")).status).toBe(400);
  });

  test("shows a status that came later only to those who ask for such values", async () => {
    await defender.control.putRows("incidents", [{ incidentId: 42, status: "AwaitingAction" }]);
    const status = async (headers: Record<string, string>) =>
      (await graph("GET", "incidents/42", undefined, headers)).body.status;

    expect(await status({})).toBe("unknownFutureValue");
    expect(await status({ prefer: "include-unknown-enum-members" })).toBe("awaitingAction");
  });
});

describe("an alert in Graph", () => {
  test("is the same alert in other words, its machine first", async () => {
    expect((await graph("GET", `alerts_v2/${alertId}`)).body).toMatchObject({
      id: alertId,
      incidentId: "42",
      status: "new",
      classification: "unknown",
      serviceSource: "microsoftDefenderForEndpoint",
      evidence: [
        { "@odata.type": "#microsoft.graph.security.deviceEvidence", mdeDeviceId: machineId },
        { "@odata.type": "#microsoft.graph.security.fileEvidence", fileDetails: { fileName: "a.dll" } },
      ],
    });
  });

  test("of another product is known to Graph alone, with the messages it is about", async () => {
    const id = "fa637472900382838869_1364969609";
    const networkMessageId = "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081";
    await defender.control.addAlert({
      ...{ id, serviceSource: "microsoftDefenderForOffice365" },
      evidence: [
        { entityType: "MailMessage", networkMessageId, subject: "Invoice", sender: "eve@evil.example" },
        { entityType: "MailCluster", networkMessageIds: [networkMessageId] },
      ],
    });

    expect((await graph("GET", `alerts_v2/${id}`)).body).toMatchObject({
      serviceSource: "microsoftDefenderForOffice365",
      evidence: [
        { networkMessageId, subject: "Invoice", p2Sender: { emailAddress: "eve@evil.example" } },
        { "@odata.type": "#microsoft.graph.security.mailClusterEvidence", networkMessageIds: [networkMessageId] },
      ],
    });
    expect((await defender.call("GET", `/api/alerts/${id}`)).status).toBe(404);
    expect((await defender.call("PATCH", `/api/alerts/${id}`, { status: "Resolved" })).status).toBe(404);
    const { value } = (await defender.call("GET", "/api/alerts")).body;
    expect(value.map((alert) => alert.id)).not.toContain(id);
  });

  test("is updated for both interfaces, in either spelling", async () => {
    await graph("PATCH", `alerts_v2/${alertId}`, { status: "inProgress", classification: "truePositive" });
    await graph("PATCH", `alerts_v2/${alertId}`, { determination: "CompromisedAccount" });

    expect((await defender.call("GET", `/api/alerts/${alertId}`)).body).toMatchObject({
      status: "InProgress",
      classification: "TruePositive",
      determination: "CompromisedUser",
    });
  });

  test("answers a comment with all comments", async () => {
    const comment = (text: string) =>
      graph("POST", `alerts_v2/${alertId}/comments`, {
        "@odata.type": "microsoft.graph.security.alertComment",
        comment: text,
      });
    await comment("first");

    expect((await comment("second")).body.value.map(({ comment }) => comment)).toEqual(["first", "second"]);
  });

  test("is listed with a link to the next page also where the page size was asked for", async () => {
    const { body } = await graph("GET", "alerts_v2?$top=1&$count=true");
    const next = new URL(String(body["@odata.nextLink"]));

    expect(body).toMatchObject({ "@odata.count": 2, value: [{}] });
    expect((await graph("GET", `alerts_v2${next.search}`)).body.value).toHaveLength(1);
  });
});

import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, days, simulatedDefender } from "./simulated-defender.ts";

const roles = [
  "Machine.Read.All",
  "Machine.ReadWrite.All",
  "RemediationTasks.Read.All",
  "Score.Read.All",
  "SecurityBaselinesAssessment.Read.All",
  "SecurityRecommendation.Read.All",
  "Software.Read.All",
  "Vulnerability.Read.All",
];
let defender: Awaited<ReturnType<typeof simulatedDefender>>;
let call: Call;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false }, seedData: { seed: 7, machines: 30 } });
  call = defender.callAs(roles);
});
afterAll(() => defender.close());

const get = async (path: string) => (await call("GET", `/api/${path}`)).body;

describe("what a machine is exposed to", () => {
  test("is the same from every side", async () => {
    const [finding] = (await get("vulnerabilities/machinesVulnerabilities")).value;
    const { machineId, cveId, productName, productVendor, productVersion } = finding as unknown as Record<
      string,
      string
    >;
    const product = `${productVendor}-_-${productName}`;
    const ids = async (path: string) => (await get(path)).value.map(({ id }) => id);

    expect(await ids(`machines/${machineId}/software`)).toContain(product);
    expect(await ids(`machines/${machineId}/vulnerabilities`)).toContain(cveId);
    expect(await ids(`machines/${machineId}/recommendations`)).toContain(`va-_-${product}`);
    expect(await ids(`Software/${product}/machineReferences`)).toContain(machineId);
    expect(await ids(`Software/${product}/vulnerabilities`)).toEqual([cveId]);
    expect(await ids(`vulnerabilities/${cveId}/machineReferences`)).toContain(machineId);
    expect(await ids(`recommendations/va-_-${product}/machineReferences`)).toContain(machineId);
    expect(await ids(`recommendations/va-_-${product}/vulnerabilities`)).toEqual([cveId]);
    expect((await get(`Software/${product}/distributions`)).value).toContainEqual({
      version: productVersion,
      installations: (await ids(`vulnerabilities/${cveId}/machineReferences`)).length,
      vulnerabilities: 1,
    });
  });

  test("can lack an update", async () => {
    expect((await get("Software/microsoft-_-windows_11/getmissingkbs")).value).toMatchObject([
      { id: "5048667", cveAddressed: 1, productsNames: ["windows_11"] },
    ]);
  });

  test.each([
    "Software/a-_-b",
    "vulnerabilities/CVE-1",
    "recommendations/x",
    "remediationTasks/x",
    "machines/x/software",
  ])("is not found for %s", async (path) => {
    expect((await call("GET", `/api/${path}`)).status).toBe(404);
  });

  test("is scored", async () => {
    expect(await get("exposureScore")).toMatchObject({ score: expect.any(Number), time: expect.any(String) });
    expect(await get("configurationScore")).toMatchObject({ score: expect.any(Number) });
    await defender.control.putRows("exposureScores", [
      { time: "2026-01-05T09:00:00Z", score: 4, rbacGroupName: "Servers" },
    ]);
    expect((await get("exposureScore/ByMachineGroups")).value).toMatchObject([{ score: 4, rbacGroupName: "Servers" }]);
  });
});

test("antivirus health comes in pages of 20, if no size is asked for", async () => {
  const first = await get("deviceavinfo");

  expect(first.value).toHaveLength(20);
  expect((await call("GET", String(first["@odata.nextLink"]))).body.value).toHaveLength(10);
  expect((await get("deviceavinfo?$top=30")).value).toHaveLength(30);
});

describe("an export", () => {
  const path = "machines/SoftwareInventoryByMachine";

  test("in pages leads from one to the next until all rows were read once", async () => {
    const rows: unknown[] = [];
    for (
      let page = await get(`${path}?pageSize=10`);
      ;
      page = (await call("GET", String(page["@odata.nextLink"]))).body
    ) {
      rows.push(...page.value);
      if (!page["@odata.nextLink"]) break;
    }

    expect(rows).toEqual(await defender.control.rows("softwareInventory"));
  });

  test("in pages has no next one where $top was asked for", async () => {
    const page = await get(`${path}?pageSize=10&$top=5`);

    expect(page.value).toHaveLength(5);
    expect(page).not.toHaveProperty("@odata.nextLink");
  });

  test.each(["pageSize=200001", "pageSize=0", "$skiptoken=x"])("refuses %s", async (query) => {
    expect((await call("GET", `/api/${path}?${query}`)).status).toBe(400);
  });

  test("of changes goes back 14 days at most", async () => {
    const row = { id: "1", status: "Fixed" };
    await defender.control.putRows("softwareVulnerabilityChanges", [
      { ...row, eventTimestamp: "2026-01-04 09:00:00" },
      { ...row, eventTimestamp: "2025-12-30 09:00:00" },
    ]);
    const since = (query: string) => call("GET", `/api/machines/SoftwareVulnerabilityChangesByMachine${query}`);

    expect((await since("?sinceTime=2026-01-02T00:00:00Z")).body.value).toHaveLength(1);
    expect((await since("?sinceTime=2025-12-01T00:00:00Z")).status).toBe(400);
    expect((await since("")).status).toBe(400);
  });

  test("by files links to compressed lines, for a while and without a token", async () => {
    const { exportFiles } = (await get("machines/SoftwareInventoryExport?sasValidHours=2")) as unknown as {
      exportFiles: [string];
    };
    const [link] = exportFiles;
    const lines = gunzipSync(await (await fetch(link)).bytes())
      .toString()
      .trim()
      .split("\n");

    expect(lines.map((line) => JSON.parse(line))).toEqual(await defender.control.rows("softwareInventory"));
    expect((await fetch(link, { headers: { authorization: "Bearer x" } })).status).toBe(401);
    expect((await fetch(link.replace("part-0", "part-1"))).status).toBe(403);
    await defender.control.advanceClock(days(1));
    expect((await fetch(link)).status).toBe(403);
  });
});

describe("a scan definition", () => {
  const order = {
    scanType: "Network",
    scanName: "Printers",
    isActive: true,
    target: "10.0.0.1",
    intervalInHours: 4,
    targetType: "Ip",
    scannerAgent: { machineId: "m1" },
  };
  const definitions = "/api/DeviceAuthenticatedScanDefinitions";

  test("is added with secrets that nobody gets to see, changed, and deleted", async () => {
    const scanAuthenticationParams = { type: "CommunityString", communityString: "secret" };
    const added = await call("POST", definitions, { ...order, scanAuthenticationParams });
    expect(added).toMatchObject({ status: 200, body: { ...order, scanAuthenticationParams: null } });

    const { id } = added.body;
    expect((await call("PATCH", `${definitions}/${id}`, { ...order, target: "10.0.0.2" })).body.target).toBe(
      "10.0.0.2",
    );
    expect((await call("POST", `${definitions}/BatchDelete`, { ScanDefinitionIds: [id] })).status).toBe(200);
    expect((await call("GET", definitions)).body.value).toEqual([]);
  });

  test("needs its secrets only when it is added", async () => {
    expect((await call("POST", definitions, order)).body.error.code).toBe("MissingRequiredParameter");
  });

  test("shows its past scans", async () => {
    await defender.control.putRows("scanHistory", [{ ScanDefinitionIds: "d1", ScanStatus: "Success" }]);
    const path = `${definitions}/GetScanHistoryByScanDefinitionId`;

    expect((await call("POST", path, { ScanDefinitionIds: ["d1"] })).body.value).toMatchObject([
      { ScanStatus: "Success" },
    ]);
  });
});

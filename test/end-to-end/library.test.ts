import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import type { EvidenceInFull, EvidenceView } from "../../shared/evidence/list-evidence.ts";
import type { RunView } from "../../shared/runs/run-view.ts";

const DUMP = "C:\\Temp\\dump.txt";
const MISSING = "C:\\Temp\\missing.txt";
const ALERT_ID = "da637472900382838869_1364969609";
const machineId = "d".repeat(40);

let folder: string;
let stack: Stack;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-library-"));
  stack = await startStack({ folder, limitScale: 1_000, simulator: ["--no-throttling", "--final-after-ms", "0"] });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
  await stack.simulator.addMachine({ id: machineId, computerDnsName: "lab-01" });
  await stack.simulator.setLiveResponse(machineId, {
    files: { [DUMP]: "what was in memory" },
    failing: { [MISSING]: "File not found" },
  });
  const evidence = [{ entityType: "Url", url: "https://evil.example/drop" }];
  await stack.simulator.addAlert({ id: ALERT_ID, machineId, title: "Odd download", evidence });
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(new URL(path, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": key },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as never;
}

/** What came of a run, with its id. */
async function outcomeOf(playbook: string, parameters: object): Promise<Record<string, unknown>> {
  const { runId } = await call("POST", `/api/playbooks/${playbook}/runs`, parameters);
  return { ...(await endOf(runId, playbook)), runId };
}

async function undo(runId: unknown): Promise<Record<string, unknown>> {
  const { runId: undoId } = await call("POST", `/api/runs/${runId}/undo`, {});
  return endOf(undoId, "undo-run");
}

async function endOf(runId: string, playbook: string): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + 45_000; Date.now() < deadline; ) {
    const run: RunView = await call("GET", `/api/runs/${runId}`);
    if (run.status === "finished") return run.outcome as Record<string, unknown>;
    if (run.status === "failed") throw new Error(JSON.stringify(run));
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`run ${runId} of ${playbook} did not end`);
}

const UNMANAGED_ID = "e".repeat(40);

/** How a device is cut off, as only the simulator tells. */
const isolationOf = async (id: string) => (await stack.simulator.machine(id)).isolation;

const lastComment = async (): Promise<string> => {
  const changes = await stack.simulator.journal({ method: "PATCH", path: "/api/alerts/*" });
  return String((changes.at(-1)?.body as { comment?: unknown } | undefined)?.comment);
};

test("collect-evidence keeps the package and the file that is there, byte for byte, and says what is missing", async () => {
  const outcome = await outcomeOf("collect-evidence", { machineId, alertId: ALERT_ID, files: [DUMP, MISSING] });

  expect(outcome).toMatchObject({ outcome: "partly-done", alertUpdated: true });
  const [packaged, dump] = outcome.evidence as { container: string; name: string; sha256: string }[];
  expect(packaged?.name).toMatch(new RegExp(`^${machineId}/.*\\.zip$`));
  const blobs = BlobServiceClient.fromConnectionString(stack.storageConnectionString);
  const kept = await blobs
    .getContainerClient(dump?.container ?? "")
    .getBlobClient(dump?.name ?? "")
    .downloadToBuffer();
  expect(gunzipSync(kept).toString()).toBe("what was in memory");
  expect(createHash("sha256").update(kept).digest("hex")).toBe(dump?.sha256);

  const comment = await lastComment();
  expect(comment).toContain(`${DUMP}: stored as ${dump?.name}, SHA-256 ${dump?.sha256}.`);
  expect(comment).toContain(`${MISSING}: failed: LiveResponse ended as Failed`);
}, 60_000);

test("evidence is shown over HTTP with where it comes from, and with what has happened to it", async () => {
  const { evidence }: { evidence: EvidenceView[] } = await call("GET", `/api/evidence?machineId=${machineId}`);
  expect(evidence.map(({ kind }) => kind).sort()).toEqual(["investigation-package", "live-response-result"]);

  const { name } = evidence.find(({ path }) => path === DUMP) ?? {};
  const found: EvidenceInFull = await call("GET", `/api/evidence/${name}`);
  expect(found).toMatchObject({
    ...{ machineId, machineName: "lab-01", alertId: ALERT_ID, playbook: "collect-evidence", commandIndex: 0 },
    comment: expect.stringContaining(`for alert ${ALERT_ID}`),
    storedBy: expect.stringMatching(/^app [0-9a-f-]{36}$/),
    custody: [{ event: "stored", piece: { runId: expect.stringContaining("run-") } }],
    problems: [],
  });
  expect(JSON.stringify(found)).not.toMatch(/AccountKey|sig=/);
  expect(await call("GET", "/api/evidence/none/such")).toMatchObject({ status: 404 });
});

test("enrich-alert writes on the alert what is known around it", async () => {
  const outcome = await outcomeOf("enrich-alert", { alertId: ALERT_ID });

  expect(outcome).toMatchObject({ outcome: "done", alertUpdated: true, machineId });
  const comment = await lastComment();
  expect(comment).toContain("Device: lab-01, Windows11");
  expect(comment).toContain("evil.example: seen by 1 device(s) here.");
}, 60_000);

test("contain-unmanaged-device has onboarded devices refuse to talk to a device, and an undo lets them again", async () => {
  await stack.simulator.addMachine({ id: UNMANAGED_ID, computerDnsName: "printer-3", onboardingStatus: "Unsupported" });
  const outcome = await outcomeOf("contain-unmanaged-device", { machineId: UNMANAGED_ID, alertId: ALERT_ID });

  expect(outcome).toMatchObject({ outcome: "done", machineName: "printer-3", alertUpdated: true });
  expect(await isolationOf(UNMANAGED_ID)).toBe("UnManagedDevice");
  expect(await lastComment()).toContain("Containment: done. Onboarded devices refuse to talk to it; others do not.");

  expect(await undo(outcome.runId)).toMatchObject({ outcome: "undone" });
  expect(await isolationOf(UNMANAGED_ID)).toBeNull();
}, 60_000);

test("contain-unmanaged-device asks nothing of Defender about a device that is onboarded", async () => {
  const outcome = await outcomeOf("contain-unmanaged-device", { machineId, alertId: ALERT_ID });

  expect(outcome).toMatchObject({
    outcome: "failed",
    words: expect.stringContaining("is onboarded: run contain-device"),
  });
  expect(await isolationOf(machineId)).toBeNull();
}, 60_000);

test("release-device lets a device back onto the network, and says so on the ticket and alert of the run that isolated it", async () => {
  const id = "c".repeat(40);
  await stack.simulator.addMachine({ id, computerDnsName: "lab-02" });
  const contained = await outcomeOf("contain-device", { machineId: id, alertId: ALERT_ID, joinMinutes: 0 });
  expect(contained).toMatchObject({ outcome: "isolated" });
  expect(await isolationOf(id)).toBe("Full");

  const parameters = { machineId: id, reason: "reimaged", ofRun: contained.runId, alertId: ALERT_ID };
  expect(await outcomeOf("release-device", parameters)).toMatchObject({ outcome: "released", machineId: id });
  expect(await isolationOf(id)).toBeNull();
  expect(await lastComment()).toContain("Released. Asked for: reimaged");
  const ticket = await call("GET", `/api/runs/${contained.runId}/ticket`);
  expect(JSON.stringify(ticket)).toContain("Released. Asked for: reimaged");
}, 60_000);

test("release-device does not say released where Defender could not do it", async () => {
  const id = "a".repeat(40);
  await stack.simulator.addMachine({ id });
  await outcomeOf("contain-device", { machineId: id, joinMinutes: 0 });
  await stack.simulator.failAction(id, "Unisolate");

  const outcome = await outcomeOf("release-device", { machineId: id, reason: "clean", alertId: ALERT_ID });
  expect(outcome).toMatchObject({ outcome: "not-released" });
  expect(await isolationOf(id)).toBe("Full");
  expect(await lastComment()).toContain("Not released: Unisolate ended as Failed");
}, 60_000);

test("phishing-triage writes on the alert of another product how far a message got, and changes nothing else", async () => {
  const alertId = "fa637472900382838869_1364969609";
  const networkMessageId = "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081";
  const evidence = [{ entityType: "MailMessage", networkMessageId, subject: "Invoice", sender: "eve@evil.example" }];
  await stack.simulator.addAlert({ id: alertId, serviceSource: "microsoftDefenderForOffice365", evidence });
  const answers = {
    "distinct SenderFromAddress": { SenderFromAddress: "eve@evil.example", Subject: 'Invoice "7"' },
    "distinct SHA256": { SHA256: "ab".repeat(32), FileName: "invoice.exe" },
    "by RecipientEmailAddress": { RecipientEmailAddress: "ana@contoso.example", DeliveryAction: "Delivered" },
    "countif(ActionType": { AccountUpn: "ana@contoso.example", Clicks: 2, LetThrough: 1 },
    DeviceFileEvents: { DeviceId: machineId, DeviceName: "lab-01", Runs: 1 },
  };
  for (const [contains, row] of Object.entries(answers))
    await stack.simulator.addHuntingAnswer({ contains, rows: [row] });
  const before = (await stack.simulator.journal()).length;
  const outcome = await outcomeOf("phishing-triage", { alertId });

  expect(outcome).toMatchObject({ outcome: "done", users: ["ana@contoso.example"], machineIds: [machineId] });
  const [alert] = (await stack.simulator.state()).alerts.filter(({ id }) => id === alertId);
  expect(alert).toMatchObject({
    status: "New",
    comments: [{ comment: expect.stringContaining("lab-01 (ran it 1 time(s))") }],
  });
  const calls = (await stack.simulator.journal()).slice(before).filter(({ method }) => method !== "GET");
  const paths = new Set(
    calls.map(({ path }) => path).filter((path) => path.startsWith("/graph") || path.startsWith("/api")),
  );
  expect([...paths].sort()).toEqual([
    `/graph/v1.0/security/alerts_v2/${alertId}/comments`,
    "/graph/v1.0/security/runHuntingQuery",
  ]);
}, 60_000);

test("close-false-positive finds what people had done for the alert, and takes it back", async () => {
  expect(await outcomeOf("restrict-app-execution", { machineId, alertId: ALERT_ID })).toMatchObject({
    outcome: "done",
  });

  const said = { alertId: ALERT_ID, by: "ada@contoso.example", reason: "our own scanner" };
  const outcome = await outcomeOf("close-false-positive", said);

  expect(outcome.words).toMatch(/restrict-app-execution \(run-[0-9a-f]{40}\): Undo, .*restrictCodeExecution: undone\./);
  const asked = await stack.simulator.journal({ method: "POST", path: "/api/machines/*/unrestrictCodeExecution" });
  expect(asked).toHaveLength(1);
}, 60_000);

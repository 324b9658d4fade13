import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, connectApi } from "../../local/api.ts";
import { writeDemoConfig } from "../../local/demo/config.ts";
import { aMessage, anAlertEvidence, aWholeAlert } from "../../local/demo/stream-records.ts";
import { TimerStatusFolder } from "../../local/host/triggers/timer/timer-status.ts";
import { announceApp } from "../../local/running-app.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import { createBlobDeadLetterStore, type DeadLetterStore } from "../../shared/dead-letters/dead-letter-store.ts";
import { aLine, writeExport } from "../helpers/export.ts";

let folder: string;
let stack: Stack;
let api: Api;
let service: BlobServiceClient;
let letters: DeadLetterStore;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-sources-"));
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    storageExport: true,
    settings: { PLAYBOOKS_CONFIG_FOLDER: writeDemoConfig(folder), ALERT_POLL: "fill-gaps" },
  });
  api = await announce();
  service = BlobServiceClient.fromConnectionString(stack.storageConnectionString);
  letters = createBlobDeadLetterStore(service.getContainerClient("dead-letters"));
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As `npm start` does, for the programs that look for the app. */
async function announce(): Promise<Api> {
  const { url, keysFile } = stack.host.addresses;
  await announceApp(folder, { url, keysFile, settings: stack.settings });
  return connectApi(stack.host.addresses);
}

const alertIdOf = (number: number): string => `da${String(number).padStart(18, "0")}_5`;

/** Long before anything that is polled for. */
const LONG_AGO = { alertCreationTime: "2026-01-07T10:00:00Z", lastUpdateTime: "2026-01-07T10:00:00Z" };

/** A machine, its alert in Defender, and what the records about it share. */
async function stage(number: number, times: object = LONG_AGO) {
  const machineId = number.toString(16).padStart(40, "d");
  const alertId = alertIdOf(number);
  await stack.simulator.addMachine({ id: machineId });
  await stack.simulator.addAlert({ id: alertId, machineId, severity: "High", ...times });
  const about = {
    tenantId: stack.defender.tenantId,
    machineId,
    alertId,
    severity: "High",
    deviceName: `lab-${number}`,
  };
  return { machineId, alertId, about };
}

/** Has timers go off now: they missed a run while the host was down. */
async function missARun(...timers: string[]): Promise<void> {
  await stack.host.kill();
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const states = new TimerStatusFolder(join(folder, "host", "timers"));
  for (const name of timers) states.write(name, { Last: anHourAgo, Next: anHourAgo, LastUpdated: anHourAgo });
  await stack.restartHost();
  api = await announce();
}

const runsOf = async (machineId: string) =>
  (await api.runs()).filter(({ input }) => (input as { machineId?: string })?.machineId === machineId);

const polled = () => stack.simulator.journal({ method: "GET", path: "/api/alerts" });

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await holds()) && Date.now() < deadline; ) {
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/** The runs of a machine, once one of them has finished. */
async function runOf(machineId: string) {
  await until(async () => (await runsOf(machineId)).some(({ status }) => status === "finished"));
  return runsOf(machineId);
}

/** Runs a program as a person would, and gives back what it said. */
function run(file: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [file, "--folder", folder, ...args], {
    env: { ...process.env, NO_COLOR: "1" },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...said })));
}

const lettersProgram = (...args: string[]) => run("local/dead-letters/main.ts", ...args);
const backfill = (...args: string[]) => run("local/backfill/main.ts", ...args);

test("an alert in the storage export and in the API starts one run, whichever comes first", async () => {
  const { machineId, about } = await stage(1, {});
  const writer = writeExport(service, stack.defender.tenantId);
  await writer.append("AlertEvidence", new Date(), aLine(anAlertEvidence(about)));
  await missARun("storageExport", "alertPoll");

  expect(await runOf(machineId)).toMatchObject([{ playbook: "contain-device", outcome: { outcome: "isolated" } }]);
  const polls = (await polled()).length;
  await missARun("storageExport", "alertPoll");
  await until(async () => (await polled()).length > polls);
  expect(await runsOf(machineId)).toHaveLength(1);
}, 90_000);

test("takes in a message on request, tells what it cannot use of it, and keeps none of that", async () => {
  const { machineId, about } = await stage(2);
  const before = await letters.sources();
  const taken = await api.takeIn(`{"records":[${JSON.stringify(anAlertEvidence(about))},{"odd":true}]}`);

  expect(taken).toMatchObject({ alerts: 1, started: 1, rejected: [expect.stringMatching(/^Record 1: /)] });
  expect(await runOf(machineId)).toHaveLength(1);
  expect(await letters.sources()).toEqual(before);
}, 90_000);

test("a dead letter is listed, shown and replayed; it goes when all of it can be used, and stays with its new reason", async () => {
  const { machineId, about } = await stage(3);
  await letters.keep({
    source: "alerts/0/7",
    reasons: ["an older version did not know it"],
    body: aMessage(aWholeAlert(about)),
  });
  await letters.keep({ source: "alerts/0/8", reasons: ["an old reason"], body: Buffer.from("not json") });

  const listed = await lettersProgram("list", "--source", "alerts/0/", "--json");
  const lines = listed.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ source }) => source).sort()).toEqual(["alerts/0/7", "alerts/0/8"]);
  expect((await lettersProgram("show", "alerts/0/8")).out).toContain("not json");

  const dry = await lettersProgram("replay", "--all", "--source", "alerts/0/", "--dry-run");
  expect(dry).toMatchObject({ code: 1, out: expect.stringContaining("could be used  alerts/0/7") });
  expect(await letters.sources({ prefix: "alerts/0/" })).toHaveLength(2);

  const replayed = await lettersProgram("replay", "alerts/0/7", "alerts/0/8");
  expect(replayed).toMatchObject({ code: 1, out: expect.stringContaining("taken in  alerts/0/7") });
  expect(await letters.sources({ prefix: "alerts/0/" })).toEqual(["alerts/0/8"]);
  expect((await letters.get("alerts/0/8"))?.reasons).toEqual(["The message is not JSON"]);
  expect(await runOf(machineId)).toHaveLength(1);
}, 90_000);

test("an alert that the poll could not use is replayed as the API gave it, once its fault is mended", async () => {
  const { machineId, about } = await stage(8);
  const alert = { id: about.alertId, title: "Ransomware", severity: "High", machineId, alertCreationTime: new Date() };
  const source = `alerts-api/${about.alertId}`;
  await letters.keep({ source, reasons: ["its title was none"], body: JSON.stringify({ ...alert, title: 7 }) });
  expect(await lettersProgram("replay", source)).toMatchObject({ code: 1, out: expect.stringContaining("title") });

  await letters.keep({ source, reasons: ["its title was none"], body: JSON.stringify(alert) });
  expect((await lettersProgram("replay", source, "--dry-run")).out).toContain(`could be used  ${source}  1 alert`);
  expect(await lettersProgram("replay", source)).toMatchObject({ code: 0, out: expect.stringContaining("taken in") });
  expect(await letters.sources({ prefix: "alerts-api/" })).toEqual([]);
  expect(await runOf(machineId)).toHaveLength(1);
}, 90_000);

test("a backfill goes through the hours of the export once more, and names what it cannot use", async () => {
  const { machineId, about } = await stage(4);
  const hour = new Date("2026-01-05T09:00:00Z");
  const publishedAt = new Date("2026-01-05T09:00:02Z");
  const line = aLine(anAlertEvidence({ ...about, at: hour, publishedAt }));
  await writeExport(service, stack.defender.tenantId).append("AlertEvidence", hour, `${line}odd\r\n`);

  const range = ["--from", "2026-01-05", "--to", "2026-01-06"];
  const { code, out, err } = await backfill(...range, "--mode", "act");
  expect(out).toContain("2026-01-05T09:00:00.000Z  1 row, 1 alert: 1 run started");
  expect(err).toContain(`PT1H.json/${Buffer.byteLength(line)}: The message is not JSON`);
  expect(code).toBe(1);
  expect(await runOf(machineId)).toHaveLength(1);

  expect((await backfill(...range, "--mode", "act")).out).toContain("1 alert: 0 runs started");
  expect(await runsOf(machineId)).toHaveLength(1);
}, 90_000);

test("a backfill from the API has the app list the alerts created in a time", async () => {
  const at = "2026-01-08T10:00:00Z";
  const { machineId } = await stage(5, { alertCreationTime: at, lastUpdateTime: at });

  const { code, out } = await backfill(
    "--from",
    "2026-01-08",
    "--to",
    "2026-01-09",
    "--source",
    "api",
    "--mode",
    "act",
  );
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("1 alert: 1 run started") });
  expect(await runOf(machineId)).toHaveLength(1);
}, 90_000);

test("a backfill that is not told to act starts runs that touch no machine, from the export as from the API", async () => {
  const day = "2026-01-12";
  const at = `${day}T10:00:00Z`;
  const exported = await stage(6);
  const listed = await stage(7, { alertCreationTime: at, lastUpdateTime: at });
  const row = anAlertEvidence({ ...exported.about, at: new Date(at), publishedAt: new Date(at) });
  await writeExport(service, stack.defender.tenantId).append("AlertEvidence", new Date(at), aLine(row));

  const range = ["--from", day, "--to", "2026-01-13"];
  for (const source of ["storage", "api"]) {
    expect((await backfill(...range, "--source", source)).out).toContain("1 alert: 1 run started");
  }
  for (const { machineId } of [exported, listed]) {
    expect(await runOf(machineId)).toMatchObject([{ status: "finished" }]);
    expect(await stack.simulator.journal({ method: "POST", path: `/api/machines/${machineId}/*` })).toEqual([]);
  }
}, 90_000);

test("the programs say what is missing or wrong, in one line", async () => {
  const aDay = ["--from", "2026-01-05", "--to", "2026-01-06"];
  const said = await Promise.all([
    backfill("--from", "2026-01-05"),
    backfill("--from", "yesterday", "--to", "2026-01-05"),
    backfill("--from", "2026-01-05", "--to", "2026-01-05"),
    backfill(...aDay, "--mode", "ask"),
    backfill(...aDay, "--folder", join(folder, "nowhere")),
    backfill("--nonsense"),
    lettersProgram("replay"),
    lettersProgram("list", "--nonsense"),
  ]);

  expect(said.map(({ code }) => code)).toEqual(said.map(() => 1));
  for (const { err } of said) expect(err.trim().split("\n")).toHaveLength(1);
  expect(said[1]?.err).toContain("--from yesterday is not a time");
}, 90_000);

import { readFile } from "node:fs/promises";
import { styleText } from "node:util";
import { knownSeverity } from "../../shared/severity.ts";
import { type AlertSighting, alertSighting } from "../../shared/streaming/alert-sighting.ts";
import { decodeMessage } from "../../shared/streaming/decode-message.ts";
import { isAlertRecord } from "../../shared/streaming/stream-record.ts";
import { type Api, connectApi } from "../api.ts";
import type { Stack } from "../stack.ts";
import { deadLetters } from "./check.ts";
import { createPublisher } from "./publish.ts";
import { table } from "./table.ts";
import { hasEnded, watchRuns } from "./watch.ts";

const RECORDS_PER_MESSAGE = 5;
const MOST_SECONDS = 50;

/** An alert of the file, as far as its records tell. */
interface FileAlert {
  alertId: string;
  title: string;
  severity?: string | undefined;
  machineId?: string | undefined;
  machineName?: string | undefined;
}

/**
 * Plays a file of streamed records, one per line, with devices and alerts made up in the simulator for the ids in it.
 *
 * @returns whether every alert in it got its run or a stated reason why not
 */
export async function replayFile(stack: Stack, file: string): Promise<boolean> {
  const lines = (await readLines(file)).filter((line) => line.trim() !== "");
  const alerts = alertsIn(lines);
  await stage(stack, alerts);

  const publisher = createPublisher(stack);
  console.log(`Sending ${lines.length} records about ${alerts.length} alerts. What the app does with them:\n`);
  const api = await connectApi(stack.host.addresses);
  const names = new Map(alerts.map(({ machineId = "", machineName }) => [machineId, machineName]));
  const watcher = watchRuns(api, (id) => names.get(id) ?? id, Date.now());
  for (const message of messagesOf(lines)) await publisher.send(message);
  await watcher.until(
    async (runs) => [...runs.values()].every(hasEnded) && (await undecided(api, alerts)).length === 0,
    MOST_SECONDS * 1000,
  );
  await publisher.close();

  const rows = await Promise.all(alerts.map((alert) => rowsOf(api, alert)));
  console.log(`\n${table(["alert", "title", "device", "decision", "reason"], rows.flat())}\n`);
  for (const { source, reason } of await deadLetters(stack)) console.log(`Dead letter ${source}: ${reason}`);

  const open = await undecided(api, alerts);
  for (const { alertId } of open) console.error(styleText("red", `Nothing was decided about alert ${alertId}`));
  const failed = [...watcher.runs.values()].filter((run) => !hasEnded(run) || run.status === "failed");
  for (const { runId, progress } of failed)
    console.error(styleText("red", `Run ${runId} did not end well: ${progress}`));
  return open.length === 0 && failed.length === 0;
}

/** Several records per message, as Defender sends them; a line that is no JSON would spoil the others and goes alone. */
function messagesOf(lines: readonly string[]): string[] {
  const records = lines.filter(isJson);
  const messages = lines.filter((line) => !isJson(line));
  for (let start = 0; start < records.length; start += RECORDS_PER_MESSAGE) {
    messages.push(`{"records":[${records.slice(start, start + RECORDS_PER_MESSAGE).join(",")}]}`);
  }
  return messages;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

async function readLines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, "utf8")).split("\n");
  } catch {
    throw new Error(`${file} cannot be read. Give a file with one streamed record per line.`);
  }
}

function alertsIn(lines: readonly string[]): FileAlert[] {
  const sightings = lines.flatMap((line) => decodeMessage(line).records.filter(isAlertRecord).map(alertSighting));
  const byId = Map.groupBy(sightings, ({ alertId }) => alertId as string);
  return [...byId].map(([alertId, own]) => ({ alertId, ...together(own) }));
}

function together(sightings: readonly AlertSighting[]) {
  // Defender names the machine that was hit, not one that is merely related.
  const machine = sightings.find(({ machine }) => machine?.role === "Impacted")?.machine;
  return {
    title: sightings.find(({ title }) => title)?.title ?? "",
    severity: sightings.find(({ severity }) => severity)?.severity,
    machineId: machine?.id,
    machineName: machine?.name,
  };
}

async function stage({ simulator }: Stack, alerts: readonly FileAlert[]): Promise<void> {
  const machines = new Map(
    alerts.flatMap(({ machineId, machineName }) => (machineId ? [[machineId, machineName]] : [])),
  );
  await simulator.addMachines([...machines].map(([id, name]) => ({ id, ...(name && { computerDnsName: name }) })));
  await simulator.addAlerts(
    alerts.map(({ alertId, title, severity, machineId, machineName }) => ({
      id: alertId,
      title,
      severity: knownSeverity(severity) ?? "High",
      machineId: machineId ?? null,
      computerDnsName: machineName ?? null,
    })),
  );
}

/** The alerts about which nothing final is on record yet. */
async function undecided(api: Api, alerts: readonly FileAlert[]): Promise<FileAlert[]> {
  const decisions = await Promise.all(alerts.map(({ alertId }) => api.decisions(alertId)));
  return alerts.filter((_, index) => !decisions[index]?.some(({ verdict }) => verdict !== "waiting"));
}

async function rowsOf(api: Api, { alertId, title, machineName, machineId }: FileAlert): Promise<string[][]> {
  const decisions = await api.decisions(alertId);
  const device = machineName ?? machineId ?? "-";
  return decisions.map(({ verdict, reason }) => [alertId, title, device, verdict, reason]);
}

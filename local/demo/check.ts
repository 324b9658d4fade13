import { BlobServiceClient } from "@azure/storage-blob";
import type { RunView } from "../../shared/runs/run-view.ts";
import type { Api } from "../api.ts";
import type { JournalEntry } from "../defender/control-client.ts";
import type { Stack } from "../stack.ts";
import { type StoryAlert, story, UNREADABLE } from "./scenario.ts";

/** What became of one alert of the story. */
export interface Result {
  alert: StoryAlert;
  outcome: string;
  /** From the first record sent to the isolation asked of Defender, in seconds. */
  secondsToIsolation?: number;
  ticketId?: string;
  problems: string[];
}

/** Compares what happened with what should have happened, as the simulator saw it and as the app tells it. */
export async function checkStory(
  stack: Stack,
  api: Api,
  runs: readonly RunView[],
  sentAt: ReadonlyMap<string, number>,
): Promise<Result[]> {
  const calls = await stack.simulator.journal({});
  return Promise.all(story.map((alert) => checkAlert(alert, { api, runs, calls, sentAt })));
}

async function checkAlert(
  alert: StoryAlert,
  {
    api,
    runs,
    calls,
    sentAt,
  }: { api: Api; runs: readonly RunView[]; calls: readonly JournalEntry[]; sentAt: ReadonlyMap<string, number> },
): Promise<Result> {
  const { alertId, device, expected } = alert;
  const own = runs.filter(({ playbook, input }) => playbook === "contain-device" && alertIdOf(input) === alertId);
  const decisions = await api.decisions(alertId);
  const run = own[0];
  const ticket = run && (await api.ticket(run.runId));
  const isolations = calls.filter(
    ({ method, path, status, machineId }) =>
      method === "POST" && path.endsWith("/isolate") && status === 201 && machineId === device?.machineId,
  );
  const closings = calls.filter(
    (call) => call.method === "PATCH" && call.alertId === alertId && commentOf(call).includes(" closing]"),
  );

  const outcome = outcomeOf(run) ?? decisions[0]?.verdict ?? "lost";
  const sent = sentAt.get(alertId);
  const asked = isolations[0] && Date.parse(isolations[0].time);
  const acts = expected !== "ignored";
  const problems = [
    ...(outcome === expected ? [] : [`expected ${expected}`]),
    ...(decisions.length > 0 ? [] : ["no decision on record"]),
    ...counted("run", own.length, acts ? 1 : 0),
    ...counted("isolation", isolations.length, expected === "isolated" ? 1 : 0),
    ...counted("ticket", ticket ? 1 : 0, acts ? 1 : 0),
    ...counted("closing comment", closings.length, acts ? 1 : 0),
    ...(expected === "isolated" && !packageOf(run) ? ["no package stored"] : []),
  ];
  return {
    alert,
    outcome: outcome === "ignored" ? `ignored: ${decisions[0]?.reason}` : wordsOf(run),
    ...(asked !== undefined && sent !== undefined && { secondsToIsolation: (asked - sent) / 1000 }),
    ...(ticket && { ticketId: ticket.id }),
    problems,
  };
}

const counted = (what: string, found: number, wanted: number): string[] =>
  found === wanted ? [] : [`${found} ${what}s instead of ${wanted}`];

interface Outcome {
  outcome?: string;
  words?: string;
  package?: object;
}
const outcomeIn = (run: RunView | undefined): Outcome => (run?.outcome ?? {}) as Outcome;
const outcomeOf = (run: RunView | undefined) => outcomeIn(run).outcome;
const packageOf = (run: RunView | undefined) => outcomeIn(run).package;
const wordsOf = (run: RunView | undefined) => outcomeIn(run).words ?? run?.progress ?? "nothing happened";
const alertIdOf = (input: unknown) => (input as { alertId?: string } | undefined)?.alertId;
const commentOf = ({ body }: JournalEntry) => (body as { comment?: string } | undefined)?.comment ?? "";

/** Reads the dead letters of a stack: where they came from and why. */
export async function deadLetters({ storageConnectionString }: Stack): Promise<{ source: string; reason: string }[]> {
  const container = BlobServiceClient.fromConnectionString(storageConnectionString).getContainerClient("dead-letters");
  if (!(await container.exists())) return [];
  const letters: { source: string; reason: string }[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    const content = await container.getBlobClient(name).downloadToBuffer();
    const { reasons } = JSON.parse(content.toString("utf8")) as { reasons: string[] };
    letters.push({ source: name, reason: reasons.join("; ") });
  }
  return letters;
}

/** Whether the records that cannot be read, and only those, are kept as dead letters. */
export const checkDeadLetters = (letters: readonly unknown[]): string[] =>
  counted("dead letter", letters.length, UNREADABLE);

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { connectApi } from "./api.ts";
import { exitWith } from "./child.ts";
import { checkDeadLetters, checkStory, deadLetters } from "./demo/check.ts";
import { writeDemoConfig } from "./demo/config.ts";
import { createPublisher } from "./demo/publish.ts";
import { replayFile } from "./demo/replay-file.ts";
import { bringBack, publishStory, stageStory, story } from "./demo/scenario.ts";
import { table } from "./demo/table.ts";
import { hasEnded, watchRuns } from "./demo/watch.ts";
import { type Stack, startStack } from "./stack.ts";

const HELP = `Usage: npm run demo -- [options]

Starts everything on free ports in a temporary folder, sends a stream of alerts, shows step by step what the app does, and
checks at the end that every device ended as it should. Exit code 0 if so, 1 if not.

  --input FILE  play a file of streamed records instead, one JSON record per line; devices are made up for the ids in it
  --keep        keep the temporary folder, and say where it is
  --verbose     show what the programs print
  --help        show this
`;

const HEADER = ["alert", "device", "outcome", "isolation after", "ticket"];
const MOST_SECONDS = 50;
const OFFLINE_FOR_MS = 6_000;

async function demo({
  input,
  keep,
  verbose,
}: {
  input?: string | undefined;
  keep: boolean;
  verbose: boolean;
}): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "playbooks-demo-"));
  console.log("Starting storage, event stream, Defender simulator and the app…");
  const stack = await startStack({
    folder,
    // A whole fleet under attack within seconds: the real limits would spread it over minutes.
    limitScale: 10,
    simulator: ["--final-after-ms", "1200"],
    settings: {
      ALERT_SETTLE_SECONDS: "1",
      // Recorded streams are old, and of other tenants.
      ALERT_TENANTS: input === undefined ? "" : "*",
      ALERT_MAX_AGE_HOURS: input === undefined ? "24" : "0",
      PLAYBOOKS_CONFIG_FOLDER: writeDemoConfig(folder),
    },
    onLine: (program, line) => {
      if (verbose) console.log(styleText("dim", `[${program}] ${line}`));
    },
  });
  try {
    return input === undefined ? await tellStory(stack) : await replayFile(stack, input);
  } finally {
    await stack.stop();
    if (keep) console.log(`Everything is kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function tellStory(stack: Stack): Promise<boolean> {
  await stageStory(stack.simulator);
  const api = await connectApi(stack.host.addresses);
  const names = new Map(story.flatMap(({ device }) => (device ? [[device.machineId, device.name] as const] : [])));
  const publisher = createPublisher(stack);

  console.log("Sending alerts. What the app does with them:\n");
  const startedAt = Date.now();
  const watcher = watchRuns(api, (id) => names.get(id)?.split(".")[0] ?? id, startedAt);
  const sentAt = await publishStory(stack.defender.tenantId, publisher);
  const backOnline = setTimeout(() => void bringBack(stack.simulator), OFFLINE_FOR_MS);

  const settled = Date.now() + 3_000; // long enough for late and repeated records to do harm, if they could
  const isOver = (runs: ReadonlyMap<string, { status: string }>) =>
    Date.now() > settled && runs.size > 0 && [...watcher.runs.values()].every(hasEnded);
  const ended = await watcher.until(isOver, MOST_SECONDS * 1000);
  clearTimeout(backOnline);
  await publisher.close();

  const results = await checkStory(stack, api, [...watcher.runs.values()], sentAt);
  const letters = await deadLetters(stack);
  console.log(`\n${table(HEADER, results.map(rowOf))}\n`);
  for (const { source, reason } of letters) console.log(`Dead letter ${source}: ${reason}`);

  const problems = [
    ...(ended ? [] : [`Not everything ended within ${MOST_SECONDS} seconds`]),
    ...results.flatMap(({ alert, problems }) =>
      problems.map((problem) => `${alert.title} (${alert.shows}): ${problem}`),
    ),
    ...checkDeadLetters(letters),
  ];
  for (const problem of problems) console.error(styleText("red", problem));
  if (problems.length === 0) console.log(styleText("green", "\nEvery alert ended as it should."));
  return problems.length === 0;
}

const rowOf = ({ alert, outcome, secondsToIsolation, ticketId }: Awaited<ReturnType<typeof checkStory>>[number]) => [
  alert.title,
  alert.device?.name.split(".")[0] ?? "-",
  outcome,
  secondsToIsolation === undefined ? "-" : `${secondsToIsolation.toFixed(2)} s`,
  ticketId ?? "-",
];

try {
  const { values } = parseArgs({
    options: {
      input: { type: "string" },
      keep: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else process.exitCode = (await demo(values)) ? 0 : 1;
} catch (error) {
  exitWith(error);
}

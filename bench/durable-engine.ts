import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as df from "durable-functions";
import { exitWith } from "../local/child.ts";
import { createEngine, type Engine } from "../local/host/durable/engine.ts";
import { isEnded } from "../local/host/durable/history.ts";
import { loadApp } from "../local/host/worker/function-app.ts";
import { percentiles } from "./percentiles.ts";
import { forEachInFlight } from "./plain.ts";

const STEPS = 10;
const IN_FLIGHT = 50;

const HELP = `Usage: node bench/durable-engine.ts [options]

Measures the Durable engine alone, without HTTP and without Defender: orchestrations of ${STEPS} activities one after the
other, which do nothing. Every step is on disk before the next one starts, so that the disk sets the pace with one in
flight; with ${IN_FLIGHT} in flight they share its waits. "First" is the time from the start to the first activity.
Starts are measured with orchestrations that only wait.

  --runs N    orchestrations, and starts, for the measurement with ${IN_FLIGHT} in flight (default: 1000)
  --single N  the same with one in flight (default: 100)
  --json      end with one line of JSON
  --help      show this
`;

/** Called when the first activity of an orchestration runs, and when its code has come to its end, by instance. */
const onFirstStep = new Map<string, () => void>();
const onReturn = new Map<string, () => void>();

const app = () =>
  loadApp({
    register() {
      df.app.activity("step", {
        handler({ id, n }: { id: string; n: number }) {
          if (n === 0) onFirstStep.get(id)?.();
          return { n, done: true };
        },
      });
      df.app.orchestration("steps", function* (context) {
        const id = context.df.instanceId;
        for (let n = 0; n < STEPS; n += 1) yield context.df.callActivity("step", { id, n });
        onReturn.get(id)?.();
        return "done";
      });
      df.app.orchestration("wait", function* (context) {
        yield context.df.waitForExternalEvent("never");
      });
    },
  });

interface Figures {
  perSecond: number;
  stepsPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  firstStepP50Ms: number;
  firstStepP95Ms: number;
  startsPerSecond: number;
}

async function bench({ runs, single, json }: { runs: number; single: number; json: boolean }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "engine-bench-"));
  const engine = createEngine({ app: await app(), file: join(folder, "runs.db"), onFailure: exitWith });
  engine.start();
  try {
    await measure(engine, 100, 10, "warm-up");
    const one = await measure(engine, single, 1, "one");
    const many = await measure(engine, runs, IN_FLIGHT, "many");
    console.log(`
in flight   orchestrations/s   activities/s   p50 ms   p95 ms   first p50 ms   first p95 ms   starts/s
1           ${columns(one)}
${IN_FLIGHT}          ${columns(many)}
`);
    if (json) console.log(JSON.stringify({ one, many }));
  } finally {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(engine: Engine, count: number, inFlight: number, prefix: string): Promise<Figures> {
  const durations: number[] = [];
  const firstSteps: number[] = [];
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const startedAt = performance.now();
  await forEachInFlight(ids, inFlight, async (id) => {
    const before = performance.now();
    onFirstStep.set(id, () => firstSteps.push(performance.now() - before));
    await run(engine, id);
    onFirstStep.delete(id);
    durations.push(performance.now() - before);
  });
  const perSecond = (count * 1000) / (performance.now() - startedAt);
  const { p50, p95 } = percentiles(durations);
  const first = percentiles(firstSteps);
  return {
    perSecond: round(perSecond),
    stepsPerSecond: round(perSecond * STEPS),
    p50Ms: round(p50),
    p95Ms: round(p95),
    firstStepP50Ms: round(first.p50),
    firstStepP95Ms: round(first.p95),
    startsPerSecond: round(await startsPerSecond(engine, ids, inFlight)),
  };
}

/** How many starts a second get to disk, while the first turns of those before run beside them. */
async function startsPerSecond(engine: Engine, ids: readonly string[], inFlight: number): Promise<number> {
  const startedAt = performance.now();
  await forEachInFlight(ids, inFlight, (id) => engine.startNew({ id: `${id}-waiting`, name: "wait", input: "null" }));
  return (ids.length * 1000) / (performance.now() - startedAt);
}

/** Starts an orchestration and waits until its end is on disk. */
async function run(engine: Engine, id: string): Promise<void> {
  const returned = new Promise<void>((resolve) => onReturn.set(id, resolve));
  await engine.startNew({ id, name: "steps", input: "null" });
  await returned;
  onReturn.delete(id);
  while (!isEnded(engine.instance(id)?.status ?? "Running")) await new Promise((resume) => setImmediate(resume));
}

const round = (value: number): number => Math.round(value * 100) / 100;

const columns = (figures: Figures): string =>
  [
    figures.perSecond.toFixed(0).padEnd(18),
    figures.stepsPerSecond.toFixed(0).padEnd(14),
    figures.p50Ms.toFixed(1).padEnd(8),
    figures.p95Ms.toFixed(1).padEnd(8),
    figures.firstStepP50Ms.toFixed(1).padEnd(14),
    figures.firstStepP95Ms.toFixed(1).padEnd(14),
    figures.startsPerSecond.toFixed(0),
  ].join(" ");

try {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "1000" },
      single: { type: "string", default: "100" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else await bench({ runs: Number(values.runs), single: Number(values.single), json: values.json });
} catch (error) {
  exitWith(error);
}

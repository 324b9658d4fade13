import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../shared/errors.ts";
import { type CrashFigures, figuresOf } from "./containment-end.ts";
import { type Crash, crashAtEachMoment } from "./crash-moments.ts";
import { killAtSomeCalls } from "./crash-processes.ts";

const HELP = `Shows that a containment ends the same wherever the host dies in it.

npm run proof:crash -- [options]

Stops the host before and after each step of a containment, in virtual time, and kills its process in some more; each
time it is started again on what it left. Counts what was done on devices, and how many ended otherwise.

  --kills <number>  containments in which the process is killed (default 5)
  --seed <number>   chooses where (default 1)
  --json            only one line of JSON
  --help            show this
`;

async function prove({ kills, seed, json }: { kills: number; seed: number; json: boolean }): Promise<void> {
  const say = (line: string) => json || console.log(line);
  const tell = (title: string, { crashes, figures }: { crashes: readonly Crash[]; figures: CrashFigures }) => {
    say(title);
    for (const { moment, end } of crashes) {
      const { isolations, packages, tickets, finalComments } = end;
      say(`  ${moment.padEnd(60)} ${[isolations, packages, tickets, finalComments].join(" ")}`);
    }
    say(`  ${figures.differing} of ${figures.boundaries} ended otherwise than one that nothing came between`);
  };
  const withFigures = ({ undisturbed, crashes }: Awaited<ReturnType<typeof crashAtEachMoment>>) => {
    return {
      crashes,
      figures: figuresOf(
        undisturbed,
        crashes.map(({ end }) => end),
      ),
    };
  };

  const stopped = withFigures(await crashAtEachMoment());
  tell("The host stops (isolations, packages, tickets, final comments) ...", stopped);
  const folder = mkdtempSync(join(tmpdir(), "playbooks-crashes-"));
  try {
    const killed = withFigures(await killAtSomeCalls(folder, { times: kills, seed }));
    tell("The process is killed as Defender answers ...", killed);
    const figures = sumOf(stopped.figures, killed.figures);
    console.log(JSON.stringify(figures));
    const { boundaries, differing, ...done } = figures;
    const holds = differing === 0 && Object.values(done).every((count) => count === boundaries);
    if (!holds) throw new Error("Not all of it holds: one of everything for each boundary, and none that differs.");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sumOf = (one: CrashFigures, other: CrashFigures): CrashFigures => ({
  boundaries: one.boundaries + other.boundaries,
  isolations: one.isolations + other.isolations,
  packages: one.packages + other.packages,
  tickets: one.tickets + other.tickets,
  finalComments: one.finalComments + other.finalComments,
  differing: one.differing + other.differing,
});

try {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "5" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else await prove({ kills: Number(values.kills), seed: Number(values.seed), json: values.json });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

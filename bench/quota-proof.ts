import { parseArgs } from "node:util";
import { messageOf } from "../shared/errors.ts";
import { drainIsolations, followOpenActions } from "./quota-scenarios.ts";

const HELP = `Shows in virtual time that the limits of Defender are used to the full and never passed.

npm run proof:quota -- [options]

  --actions <number>   isolations asked for at once (default 2000)
  --open <number>      machine actions that stay open for half a day (default 1000)
  --json               only one line of JSON
`;

/** Two virtual days, about a minute of real time. */
async function prove({ actions, open, json }: { actions: number; open: number; json: boolean }): Promise<void> {
  const say = (line: string) => json || console.log(line);
  say(`${actions} isolations at once, 100 a minute and 1,500 an hour allowed ...`);
  const drained = await drainIsolations(actions);
  say(`  refused with 429                     ${drained.throttled}`);
  say(`  time, against the shortest possible  ${drained.drainRatio.toFixed(4)}`);
  say(`  lists of machine actions an hour     ${drained.listCallsPerHour}`);
  say(`${open} machine actions open for half a day ...`);
  const followed = await followOpenActions(open);
  say(`  lists of machine actions an hour     ${followed.listCallsPerHour}`);
  say(`  last run told after                  ${followed.slowestSeconds.toFixed(1)} s`);
  const figures = {
    actions: drained.actions,
    throttled: drained.throttled + followed.throttled,
    drainRatio: Math.round(drained.drainRatio * 10_000) / 10_000,
    listCallsPerHour: Math.max(drained.listCallsPerHour, followed.listCallsPerHour),
    followed: followed.actions,
    toldAfterSeconds: Math.round(followed.slowestSeconds * 10) / 10,
  };
  console.log(JSON.stringify(figures));
  const holds = figures.throttled === 0 && figures.drainRatio <= 1.01 && figures.listCallsPerHour <= 240;
  if (!holds)
    throw new Error("Not all of it holds: nothing refused, a ratio of at most 1.01, at most 240 lists an hour.");
}

try {
  const { values } = parseArgs({
    options: {
      actions: { type: "string", default: "2000" },
      open: { type: "string", default: "1000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else await prove({ actions: Number(values.actions), open: Number(values.open), json: values.json });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

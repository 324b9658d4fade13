import { parseArgs, styleText } from "node:util";
import { messageOf } from "../../shared/errors.ts";
import { createExportAccount } from "../../shared/sources/storage-export/export-account.ts";
import { connectBlobs } from "../../shared/storage/connect-storage.ts";
import { exportStorage } from "../../shared/storage/storage-settings.ts";
import { createApi } from "../api.ts";
import { exitWith } from "../child.ts";
import { findApp } from "../running-app.ts";
import { readTime } from "../utc-time.ts";
import { type Counts, count, many, NOTHING, words } from "./counts.ts";
import { replayApi } from "./from-api.ts";
import { replayStorage } from "./from-storage.ts";

const HELP = `Usage: npm run backfill -- --from T --to T [options]

Has the running app go through the alerts of some time again: after an outage, or to see what new rules would have done.
Safe to repeat: an alert that has its run gets no second one.

  --from T       e.g. 2026-01-05T09:00:00Z or 2026-01-05
  --to T         exclusive
  --source S     storage: Defender's export, in whole hours (default); api: the alerts that were created in that time
  --mode MODE    shadow: only record what would have been done (default); act: do it
  --json         print JSON, one object a line
  --folder DIR   where npm start keeps everything (default: .local)
  --help         show this

Without APP_URL and APP_KEY it works with the app that npm start runs. With them it works with that app, and reads the
account that ALERT_EXPORT_CONNECTION or ALERT_EXPORT_ACCOUNT_URL name, in the environment or in local.settings.json.
Exit code 0 if all went well, 1 if not or if something could not be used.
`;

const options = {
  from: { type: "string" },
  to: { type: "string" },
  source: { type: "string", default: "storage" },
  mode: { type: "string", default: "shadow" },
  json: { type: "boolean", default: false },
  folder: { type: "string", default: ".local" },
  help: { type: "boolean", default: false },
} as const;

interface Backfill {
  from: Date;
  to: Date;
  source: "storage" | "api";
  mode: "act" | "shadow";
  json: boolean;
  folder: string;
}

type Options = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

function check({ from, to, source, mode, ...others }: Options): Backfill {
  if (from === undefined || to === undefined) throw new Error("Give the time to go through: --from T --to T.");
  const range = { from: readTime("from", from), to: readTime("to", to) };
  if (range.from >= range.to) throw new Error("--from must be before --to.");
  if (source !== "storage" && source !== "api") throw new Error(`--source ${source} is not one of storage, api.`);
  if (mode !== "act" && mode !== "shadow") throw new Error(`--mode ${mode} is not one of shadow, act.`);
  return { ...range, source, mode, ...others };
}

/** @returns whether everything could be used */
async function backfillFromStorage({ from, to, mode, json, folder }: Backfill): Promise<boolean> {
  const app = await findApp(folder);
  const storage = exportStorage(app.settings);
  if (!storage) throw new Error("No export is known: set ALERT_EXPORT_CONNECTION or ALERT_EXPORT_ACCOUNT_URL.");
  const account = createExportAccount(connectBlobs(storage));
  const total: Counts = { ...NOTHING };
  let rejections = 0;
  let takenInUpTo = from;
  try {
    for await (const hour of replayStorage({ account, api: createApi(app), from, to, mode })) {
      const { rejected } = hour;
      count(total, hour);
      rejections += rejected.length;
      takenInUpTo = new Date(hour.hour.getTime() + 3_600_000);
      if (json) console.log(JSON.stringify(hour));
      else console.log(`${hour.hour.toISOString()}  ${many(hour.rows, "row")}, ${words(hour)}`);
      for (const { source, reasons } of json ? [] : rejected) console.error(`${source}: ${reasons.join("; ")}`);
    }
  } catch (error) {
    throw new Error(`${messageOf(error)}\nGo on with --from ${takenInUpTo.toISOString()} --to ${to.toISOString()}`);
  }
  if (json) console.log(JSON.stringify({ total: { ...total, rejected: rejections } }));
  else console.log(`${words(total)}${rejections > 0 ? `, ${many(rejections, "row")} cannot be used` : ""}`);
  return rejections === 0;
}

/** @returns whether everything could be used */
async function backfillFromApi({ from, to, mode, json, folder }: Backfill): Promise<boolean> {
  const onProgress = (progress: string) => console.log(json ? JSON.stringify({ progress }) : progress);
  const outcome = await replayApi({ api: createApi(await findApp(folder)), from, to, mode, onProgress });
  const { isAll, rejected, upTo } = outcome;
  if (json) console.log(JSON.stringify({ total: outcome }));
  else console.log(`${words(outcome)}${rejected > 0 ? `, ${rejected} cannot be used: see the dead letters` : ""}`);
  if (!isAll) console.error(styleText("yellow", `There are more. Go on with --from ${upTo} --to ${to.toISOString()}`));
  return rejected === 0 && isAll;
}

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else {
    const backfill = check(values);
    const isWell = await (backfill.source === "storage" ? backfillFromStorage : backfillFromApi)(backfill);
    process.exitCode = isWell ? 0 : 1;
  }
} catch (error) {
  exitWith(error);
}

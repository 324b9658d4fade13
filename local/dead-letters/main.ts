import { parseArgs, styleText } from "node:util";
import { createBlobDeadLetterStore, type LetterFilter } from "../../shared/dead-letters/dead-letter-store.ts";
import { Mode } from "../../shared/mode.ts";
import { connectStorage } from "../../shared/storage/connect-storage.ts";
import { ownStorage } from "../../shared/storage/storage-settings.ts";
import { createApi } from "../api.ts";
import { many, words } from "../backfill/counts.ts";
import { exitWith } from "../child.ts";
import { findApp } from "../running-app.ts";
import { readTime } from "../utc-time.ts";
import { type Replayed, replayLetter } from "./replay.ts";

const HELP = `Usage: npm run dead-letters -- list | show SOURCE | replay SOURCE... | replay --all   [options]

What came in as alerts and could not be used is kept with its reason. Once the reason is mended, replay takes it in again.

  list            the newest first, with their reasons
  show SOURCE     one of them, with all that was kept
  replay SOURCE   takes it in again, and removes it when nothing of it is rejected any more

  --source TEXT   those whose source begins so, e.g. alerts/2/
  --from T        those kept then or later, e.g. 2026-01-05T09:00:00Z or 2026-01-05
  --to T          those kept before
  --top N         how many to list (default: 50)
  --skip N        how many to pass by first (default: 0)
  --all           replay all that --source, --from and --to leave
  --dry-run       only say what could be used now
  --any-age       act on old alerts too; else those older than the app acts on are recorded and let be
  --mode MODE     act, ask or shadow, whatever the rules say
  --json          print JSON, one letter a line
  --folder DIR    where npm start keeps everything (default: .local)
  --help          show this

Without APP_URL and APP_KEY it works with the app that npm start runs. With them it works with that app, and with the
storage account that AzureWebJobsStorage names, in the environment or in local.settings.json.
Exit code 0 if all went well, 1 if not or if something stays rejected.
`;

const options = {
  source: { type: "string", default: "" },
  from: { type: "string" },
  to: { type: "string" },
  top: { type: "string", default: "50" },
  skip: { type: "string", default: "0" },
  all: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  "any-age": { type: "boolean", default: false },
  mode: { type: "string" },
  json: { type: "boolean", default: false },
  folder: { type: "string", default: ".local" },
  help: { type: "boolean", default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>["values"];

/** @returns whether all went well */
async function main(command: string | undefined, sources: string[], given: Options): Promise<boolean> {
  const app = await findApp(given.folder);
  const letters = createBlobDeadLetterStore(connectStorage(ownStorage(app.settings)).containerOf("dead-letters"));
  const filter: LetterFilter = {
    prefix: given.source,
    from: given.from === undefined ? undefined : readTime("from", given.from),
    before: given.to === undefined ? undefined : readTime("to", given.to),
  };

  async function list(): Promise<boolean> {
    const skip = wholeNumber("skip", given.skip);
    const all = await letters.sources(filter);
    const page = all.slice(skip, skip + wholeNumber("top", given.top));
    for (const source of page) {
      const letter = await letters.get(source);
      if (!letter) continue;
      const { keptAt, reasons } = letter;
      if (given.json) console.log(JSON.stringify({ source, keptAt, reasons }));
      else console.log([`${keptAt.toISOString()}  ${printable(source)}`, ...indented(reasons)].join("\n"));
    }
    const last = skip + page.length;
    if (!given.json && last < all.length) console.log(`\n${last} of ${all.length}; the next with --skip ${last}`);
    if (!given.json && all.length === 0) console.log("There are no dead letters.");
    return true;
  }

  async function show(source = ""): Promise<boolean> {
    const letter = source === "" ? undefined : await letters.get(source);
    if (!letter) throw new Error(source === "" ? "Name a dead letter to show." : `There is no dead letter ${source}.`);
    const { keptAt, reasons } = letter;
    const body = typeof letter.body === "string" ? letter.body : Buffer.from(letter.body).toString("utf8");
    if (given.json) console.log(JSON.stringify({ source, keptAt, reasons, body }));
    else console.log([source, keptAt.toISOString(), ...indented(reasons), "", printable(body)].join("\n"));
    return true;
  }

  async function replay(): Promise<boolean> {
    if (sources.length > 0 === given.all) throw new Error("Name the dead letters to replay, or give --all.");
    const replaying = {
      letters,
      api: createApi(app),
      isDry: given["dry-run"],
      mode: Mode.optional().parse(given.mode),
      ...(given["any-age"] && { oldest: new Date(0) }),
    };
    let staying = 0;
    for (const source of given.all ? await letters.sources(filter) : sources) {
      const replayed = await replayLetter(source, replaying);
      if (replayed.reasons.length > 0) staying++;
      console.log(given.json ? JSON.stringify(replayed) : wordsOf(replayed, given["dry-run"]));
    }
    return staying === 0;
  }

  if (command === "list") return list();
  if (command === "show") return show(sources[0]);
  if (command === "replay") return replay();
  throw new Error(`${command ? `There is no command ${command}` : "No command was given"}: list, show or replay.`);
}

function wordsOf({ source, alerts = 0, admitted, reasons }: Replayed, isDry: boolean): string {
  if (reasons.length > 0) {
    const head = styleText("yellow", isDry ? "would stay" : "stays");
    return [`${head}  ${printable(source)}`, ...indented(reasons)].join("\n");
  }
  const head = styleText("green", isDry ? "could be used" : "taken in");
  const done = admitted ? words({ alerts, ...admitted }) : many(alerts, "alert");
  return `${head}  ${printable(source)}  ${done}`;
}

const indented = (reasons: readonly string[]): string[] => reasons.map((reason) => `    ${printable(reason)}`);

/** What came from outside must not steer the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text} is not a whole number.`);
}

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command, ...sources] = positionals;
  if (values.mode !== undefined && !Mode.safeParse(values.mode).success) {
    throw new Error(`--mode ${values.mode} is not one of ${Mode.options.join(", ")}.`);
  }
  if (values.help) console.log(HELP);
  else process.exitCode = (await main(command, sources, values)) ? 0 : 1;
} catch (error) {
  exitWith(error);
}

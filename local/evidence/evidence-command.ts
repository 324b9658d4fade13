import { open, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { holdEvidence, unholdEvidence } from "../../shared/evidence/hold-evidence.ts";
import { type EvidenceView, listEvidence, showEvidence } from "../../shared/evidence/list-evidence.ts";
import type { Locker, Why } from "../../shared/evidence/locker.ts";
import { purgeEvidence } from "../../shared/evidence/purge-evidence.ts";
import { readEvidence } from "../../shared/evidence/read-evidence.ts";
import { verifyEvidence } from "../../shared/evidence/verify-evidence.ts";
import { table } from "../demo/table.ts";
import { listed, shown, wordsOf } from "./in-words.ts";

const HELP = `Usage: npm run evidence -- list | show NAME | verify NAME... | verify --all | get NAME --to FILE
                              hold NAME... | unhold NAME... | purge          [options]

What was collected from devices is kept with its SHA-256 and a record of all that happened to it since.

  list           what is kept or has been, the newest first
  show NAME      one piece with its chain of custody
  verify NAME    reads the piece, holds it against its record and the record against itself, and notes that on record
  get NAME       writes the piece to a file, and notes on record who has it
  hold NAME      puts the piece on legal hold: nothing purges it until the hold ends
  unhold NAME    ends the hold
  purge          removes what is past its retention and not on hold; the records stay

  --machine ID   of this machine alone, for list and verify --all
  --all          verify all there is
  --to FILE      where get writes to; a file that is there is left alone
  --reason TEXT  why, for get, hold and unhold; goes on record
  --by NAME      who does it; goes on record (default: the name you are signed in with)
  --dry-run      purge only says what it would remove
  --json         print JSON, one piece a line
  --folder DIR   where npm start keeps everything (default: .local)
  --help         show this

Without APP_URL and APP_KEY it works with the evidence of the app that npm start runs. With them it works with the storage
account that AzureWebJobsStorage names, in the environment or in local.settings.json.
Exit code 0 if all is well, 1 if something failed or a piece is not as its record says.
`;

const options = {
  machine: { type: "string", default: "" },
  all: { type: "boolean", default: false },
  to: { type: "string" },
  reason: { type: "string" },
  by: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  folder: { type: "string", default: ".local" },
  help: { type: "boolean", default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>["values"];

/** Names are shown whole: people copy them. */
const LONGEST_NAME = 200;

/** What one command works with. */
interface Asked {
  locker: Locker;
  names: readonly string[];
  given: Options;
  /** Who types it. */
  by: string;
  /** Prints something: as JSON where that was asked for, else in words. */
  tell(what: unknown, words: string): void;
}

/**
 * `npm run evidence`.
 *
 * @param connect gives the evidence of the app whose folder it is told
 * @returns whether all is well
 * @throws Error with a sentence for the person who typed it
 */
export async function evidenceCommand(
  args: readonly string[],
  connect: (folder: string) => Promise<Locker>,
  screen: Pick<Console, "log">,
): Promise<boolean> {
  const { values: given, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command = "", ...names] = positionals;
  if (given.help) {
    screen.log(HELP);
    return true;
  }
  const run = commands[command];
  if (!run)
    throw new Error(`${command ? `There is no command ${command}` : "No command was given"}; --help lists them.`);
  const by = given.by ?? userInfo().username;
  const tell = (what: unknown, words: string) => screen.log(given.json ? JSON.stringify(what) : words);
  return run({ locker: await connect(given.folder), names, given, by, tell });
}

const commands: Readonly<Record<string, (asked: Asked) => Promise<boolean>>> = {
  list,
  show,
  verify,
  get,
  hold: (asked) => changeHold(asked, "held", holdEvidence),
  unhold: (asked) => changeHold(asked, "not held", unholdEvidence),
  purge,
};

async function list({ locker, given, tell }: Asked): Promise<boolean> {
  const views = await listEvidence(locker, given.machine);
  if (given.json) for (const view of views) tell(view, "");
  else tell(views, views.length > 0 ? table(...listed(views), LONGEST_NAME) : "There is no evidence.");
  return views.every(({ problems }) => problems.length === 0);
}

async function show({ locker, names, tell }: Asked): Promise<boolean> {
  const name = theOne(names);
  const found = await showEvidence(locker, name);
  if (!found) throw new Error(`There is no evidence ${name}; list shows what there is.`);
  tell(found, shown(found));
  return found.problems.length === 0;
}

async function verify({ locker, names, given, by, tell }: Asked): Promise<boolean> {
  if (names.length > 0 === given.all) throw new Error("Name the evidence to verify, or give --all.");
  const isThere = ({ purgedAt }: EvidenceView) => purgedAt === null;
  const all = given.all ? (await listEvidence(locker, given.machine)).filter(isThere).map(({ name }) => name) : names;
  let isGood = true;
  for (const name of all) {
    const verified = await verifyEvidence(locker, name, by);
    tell(verified, wordsOf(name, verified.verdict, verified.problems));
    if (verified.problems.length > 0) isGood = false;
  }
  return isGood;
}

async function get(asked: Asked): Promise<boolean> {
  const { locker, names, given, tell } = asked;
  const name = theOne(names);
  if (given.to === undefined) throw new Error("Say with --to which file to write.");
  const why = whyOf(asked);
  const file = await open(given.to, "wx", 0o600);
  try {
    await pipeline(readEvidence(locker, name, why), file.createWriteStream());
  } catch (error) {
    // Half of it, or what is not what was stored, must not be taken for the piece.
    await rm(given.to, { force: true });
    throw error;
  }
  tell({ name, file: given.to }, `${name} is in ${given.to}`);
  return true;
}

async function changeHold(
  asked: Asked,
  outcome: "held" | "not held",
  change: (locker: Locker, name: string, why: Why) => Promise<void>,
): Promise<boolean> {
  const { locker, names, tell } = asked;
  if (names.length === 0) throw new Error("Name the evidence.");
  const why = whyOf(asked);
  for (const name of names) {
    await change(locker, name, why);
    tell({ name, isHeld: outcome === "held", ...why }, wordsOf(name, outcome, []));
  }
  return true;
}

async function purge({ locker, names, given, by, tell }: Asked): Promise<boolean> {
  if (names.length > 0) throw new Error("purge takes no names: it removes what is past its retention.");
  const purged = await purgeEvidence(locker, { by, isDry: given["dry-run"] });
  for (const one of purged) tell(one, wordsOf(one.name, one.outcome, [`${one.reason}.`]));
  if (purged.length === 0 && !given.json) tell(purged, "Nothing is past its retention.");
  return purged.every(({ outcome }) => outcome !== "failed");
}

function whyOf({ given, by }: Asked): Why {
  if (given.reason?.trim()) return { by, reason: given.reason.trim() };
  throw new Error("Say with --reason why: it goes on record.");
}

function theOne(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  throw new Error("Name one piece of evidence; list shows what there is.");
}

import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { runbooks } from "../../functions/playbooks/index.ts";
import { configFolderOf } from "../../shared/config-file.ts";
import { RULES_FILE, readAutomationRules } from "../../shared/rules/read-automation-rules.ts";
import { many } from "../backfill/counts.ts";
import { readTime } from "../utc-time.ts";
import { describeAlert, explainAlert } from "./explain-alert.ts";
import { readAlertFile } from "./read-alert-file.ts";
import { readText } from "./read-json.ts";
import { readMachineFile } from "./read-machine-file.ts";

const HELP = `Usage: npm run rules -- explain FILE [options]
       npm run rules -- check [RULES_FILE]

explain says of each alert in FILE which automation rules match it, and of the others why not. FILE holds streamed records
or messages, one per line, or alerts as the alerts API gives them; - reads what is piped in. Nothing is started.

  --rules FILE    the rules to hold against them (default: config/automation-rules.yaml)
  --machine FILE  machines as Defender's API gives them, for rules that look at the machine
  --at TIME       as if it were then, e.g. 2026-01-05T09:00:00Z (default: now)
  --json          print JSON, one object a line for each alert and machine
  --help          show this

check says whether the rules can be used, and if not, in which lines they are wrong.
Exit code 0 if all went well, 1 if not.
`;

const options = {
  rules: { type: "string" },
  machine: { type: "string" },
  at: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Options = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>["values"];

/** The rules of the app itself. */
export const ownRules = () => join(configFolderOf(import.meta.dirname), RULES_FILE);

export const rulesOf = (file: string) => readAutomationRules(file, new Map(runbooks.map((one) => [one.name, one])));

/** Where a command prints. */
export type Screen = Pick<Console, "log" | "error">;

/**
 * `npm run rules`.
 *
 * @returns whether all went well
 * @throws Error with a sentence for the person who typed it
 */
export function rulesCommand(args: readonly string[], screen: Screen): boolean {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [command, file, ...others] = positionals;
  if (values.help) {
    screen.log(HELP);
    return true;
  }
  if (others.length > 0) throw new Error(`One file at a time: ${others.join(" ")} is too much.`);
  if (command === "check") return check(file ?? ownRules(), screen);
  if (command !== "explain") throw new Error("Say explain or check; --help tells more.");
  if (file === undefined) throw new Error("Name a file with alerts; --help tells more.");
  return explainFile(file, values, screen);
}

function explainFile(file: string, given: Options, screen: Screen): boolean {
  const rules = rulesOf(given.rules ?? ownRules());
  const machines = given.machine === undefined ? new Map() : readMachineFile(given.machine);
  const now = given.at === undefined ? new Date() : readTime("at", given.at);
  const { alerts, rejected } = readAlertFile(readText(file), file);

  for (const reason of rejected) screen.error(styleText("yellow", reason));
  if (alerts.length === 0) throw new Error(`${file === "-" ? "The input" : file} holds no alerts.`);
  const explained = alerts.flatMap((alert) => explainAlert(alert, machines, rules, now));
  screen.log(explained.map((one) => (given.json ? JSON.stringify(one) : `${describeAlert(one)}\n`)).join("\n"));
  return rejected.length === 0;
}

function check(file: string, screen: Screen): boolean {
  const rules = rulesOf(file);
  const off = rules.filter(({ enabled }) => !enabled).length;
  screen.log(`${file}: ${many(rules.length, "rule")} can be used${off > 0 ? `, ${off} of them not enabled` : ""}`);
  return true;
}

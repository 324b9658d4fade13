import { basename, dirname, join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { readConfig } from "../../shared/config.ts";
import { readConfigFile } from "../../shared/config-file.ts";
import { createDefenderClient, type DefenderClient } from "../../shared/defender/client.ts";
import { createCredential } from "../../shared/defender/identity/create-credential.ts";
import type { Machine } from "../../shared/defender/machines/machine.ts";
import { mergeFacts } from "../../shared/intake/alert-facts.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { POLICY_FILE } from "../../shared/policy/read-policy.ts";
import { many } from "../backfill/counts.ts";
import { table } from "../demo/table.ts";
import { readSettings } from "../host/settings.ts";
import { readTime } from "../utc-time.ts";
import { type BacktestRow, backtest, type Difference, differences, machinesThatCount, totalsOf } from "./backtest.ts";
import { type AlertFile, readAlertFile } from "./read-alert-file.ts";
import { readCreatedAlerts, readMachines } from "./read-from-defender.ts";
import { readText } from "./read-json.ts";
import { readMachineFile } from "./read-machine-file.ts";
import { ownRules, rulesOf, type Screen } from "./rules-command.ts";

const HELP = `Usage: npm run backtest -- FILE... [options]
       npm run backtest -- --from T --to T [options]

Says what the automation rules would have done about past alerts, alert by alert and in total. Nothing is started. The files
hold streamed records or messages, one per line, or alerts as the alerts API gives them; - reads what is piped in.

  --from T, --to T  read the alerts created in that time, and their machines, from Defender, with the app settings of the
                    environment or of local.settings.json; e.g. 2026-01-05T09:00:00Z or 2026-01-05, --to exclusive
  --machine FILE    machines as Defender's API gives them, for rules and the policy
  --rules FILE      the rules (default: config/automation-rules.yaml)
  --policy FILE     the policy (default: config/policy.yaml)
  --against FILE    other rules: says also where they differ
  --json            print all of it as one JSON object
  --help            show this

Rules are held against an alert as of the time it was published. Exit code 0 if all went well, 1 if something could not be
used.
`;

const options = {
  from: { type: "string" },
  to: { type: "string" },
  machine: { type: "string" },
  rules: { type: "string" },
  policy: { type: "string" },
  against: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** The Defender of the app settings, and its tenant. */
interface Source {
  defender: Pick<DefenderClient, "alerts" | "machines">;
  tenantId: string;
}

/**
 * `npm run backtest`.
 *
 * @param connect gives the Defender to read from
 * @returns whether everything could be used
 * @throws Error with a sentence for the person who typed it
 */
export async function backtestCommand(
  args: readonly string[],
  screen: Screen,
  connect: () => Promise<Source> = connectBySettings,
): Promise<boolean> {
  const { values, positionals: files } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    screen.log(HELP);
    return true;
  }
  const now = new Date();
  const rules = rulesOf(values.rules ?? ownRules());
  const others = values.against === undefined ? undefined : rulesOf(values.against);
  const policy = policyOf(values.policy ?? join(dirname(ownRules()), POLICY_FILE));
  const range = values.from === undefined && values.to === undefined ? undefined : rangeOf(values);
  const source = range && (await connect());

  const read: AlertFile[] = files.map((file) => readAlertFile(readText(file), file));
  if (source) read.push(await readCreatedAlerts(source.defender, { ...range, tenantId: source.tenantId }));
  if (read.length === 0) throw new Error("Name files with alerts, or a time with --from and --to; --help tells more.");
  const alerts = mergeFacts(read.flatMap((one) => one.alerts));
  const rejected = read.flatMap((one) => one.rejected);
  for (const reason of rejected) screen.error(styleText("yellow", reason));

  const wanted = machinesThatCount({ alerts, rules: [...rules, ...(others ?? [])], now });
  const machines = new Map<string, Machine>([
    ...(source ? await readMachines(source.defender, wanted) : []),
    ...(values.machine === undefined ? [] : readMachineFile(values.machine)),
  ]);
  const rows = backtest({ alerts, machines, rules, policy, now });
  const differing = others && differences(rows, backtest({ alerts, machines, rules: others, policy, now }));
  if (values.json) screen.log(JSON.stringify({ rows, totals: totalsOf(rows), differences: differing, rejected }));
  else screen.log(describe(rows, differing, machines));
  return rejected.length === 0;
}

const policyOf = (file: string): Policy => readConfigFile(dirname(file), basename(file), Policy);

function rangeOf({ from, to }: { from?: string; to?: string }): { from: Date; to: Date } {
  if (from === undefined || to === undefined) throw new Error("Give the whole time to look at: --from T --to T.");
  const range = { from: readTime("from", from), to: readTime("to", to) };
  if (range.from >= range.to) throw new Error("--from must be before --to.");
  return range;
}

async function connectBySettings(): Promise<Source> {
  const { services, identity, defender } = readConfig({ ...(await readSettings("local.settings.json")) });
  const { limitScale, timeoutMs } = defender;
  const credential = createCredential(identity);
  return {
    defender: createDefenderClient({ services, credential, timeoutMs, limitScale }),
    tenantId: defender.tenantId,
  };
}

type Machines = ReadonlyMap<string, Machine>;

function describe(rows: readonly BacktestRow[], differing: Difference[] | undefined, machines: Machines): string {
  const deviceOf = (id: string | undefined) => (id && machines.get(id)?.computerDnsName) || id || "-";
  const list = rows.map((row) => [
    row.at?.slice(0, 19) ?? "-",
    row.title ?? row.alertId,
    deviceOf(row.machineId),
    inWords(row),
    row.policy ? `${row.policy.verdict}: ${row.policy.reason}` : "-",
  ]);
  const { alerts, machines: hit, byRule } = totalsOf(rows);
  const totals = byRule.map((one) => [one.rule, one.starts, one.machines, one.cooling, one.refused].map(String));
  return [
    table(["published (UTC)", "alert", "device", "what rules would have done", "policy"], list),
    "",
    `${many(alerts, "alert")} on ${many(hit, "device")}`,
    ...(totals.length > 0 ? ["", table(["rule", "starts", "devices", "cooling down", "refused"], totals)] : []),
    ...(differing ? ["", ...describeDifferences(differing, deviceOf)] : []),
  ].join("\n");
}

function describeDifferences(differing: Difference[], deviceOf: (id: string | undefined) => string): string[] {
  if (differing.length === 0) return ["The other rules would have done the same."];
  const words = (rows: readonly BacktestRow[]) => rows.map(inWords).join(", ");
  const list = differing.map(({ alertId, title, machineId, now, against }) => {
    return [title ?? alertId, deviceOf(machineId), words(now), words(against)];
  });
  return [`${differing.length} differ:`, table(["alert", "device", "these rules", "the other rules"], list)];
}

function inWords({ outcome, rule, playbook, mode, reason }: BacktestRow): string {
  if (outcome === "starts") return `${playbook}${mode === "act" ? "" : ` (${mode})`} by ${rule}`;
  return outcome === "cooling" ? `nothing, as ${rule} cools down` : `nothing: ${reason}`;
}

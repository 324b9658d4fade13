import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { Observables } from "../../shared/defender/alerts/observables-of.ts";
import type { Hunt } from "../../shared/defender/hunting/hunts-for-alert.ts";
import { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { type MachineId, machineLabel } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { getDomainStatistics } from "../activities/get-domain-statistics.ts";
import { getFileStatistics } from "../activities/get-file-statistics.ts";
import { getIpStatistics } from "../activities/get-ip-statistics.ts";
import { getMachine } from "../activities/get-machine.ts";
import { listFileAlerts } from "../activities/list-file-alerts.ts";
import { listLoggedOnUsers } from "../activities/list-logged-on-users.ts";
import { listMachineAlerts } from "../activities/list-machine-alerts.ts";
import { runHuntingQuery } from "../activities/run-hunting-query.ts";

/** The activities it takes to find all of this. */
export const FINDING: readonly Activity[] = [
  ...[getMachine, listLoggedOnUsers, listMachineAlerts, listFileAlerts],
  ...[getFileStatistics, getIpStatistics, getDomainStatistics, runHuntingQuery],
];

/** How many of other alerts, accounts or rows people are shown. */
const MOST_SHOWN = 5;

const LONGEST_ROW = 200;

/** A line about something; that it could not be read is a line too. */
function* line<Read>(about: string, read: Steps<Read>, describe: (read: Read) => string): Steps<string> {
  const found = yield* attempt(read);
  return `${about}: ${found instanceof StepFailed ? `could not be read (${found.reason})` : describe(found)}.`;
}

/** What is known of the device, who uses it, and what else was detected on it. */
export function* machineFindings(run: Run, machineId: MachineId, alertId: AlertId): Steps<string[]> {
  return [
    yield* line("Device", run.step(getMachine, { machineId }), (machine) =>
      [
        `${machineLabel(machine)}, ${machine.osPlatform ?? "system unknown"}`,
        `risk ${machine.riskScore ?? "unknown"}, exposure ${machine.exposureLevel ?? "unknown"}`,
        `value ${machine.deviceValue ?? "unknown"}, tags ${machine.machineTags?.join(", ") || "none"}`,
      ].join(", "),
    ),
    yield* line("Users", run.step(listLoggedOnUsers, { machineId }), (users) =>
      first(users.map(({ accountName, id }) => accountName || id)),
    ),
    yield* line("Other alerts of the device", run.step(listMachineAlerts, { machineId }), ({ rows, hasMore }) => {
      const others = rows.filter(({ id }) => id !== alertId);
      const shown = first(others.map(({ severity, title }) => `${severity ?? "?"} ${oneLine(title ?? "", 100)}`));
      return others.length === 0 ? "none" : `${hasMore ? "more than " : ""}${others.length}, newest first: ${shown}`;
    }),
  ];
}

/** How common the files, addresses and domains of an alert are, and in which other alerts its files are. */
export function* prevalenceFindings(
  run: Run,
  { files, ips, domains }: Observables,
  { alertId, atMost }: { alertId: AlertId; atMost: number },
): Steps<string[]> {
  const lines: string[] = [];
  for (const { hash, name } of files.slice(0, atMost)) {
    const about = `File ${name} (${hash})`;
    const statistics = run.step(getFileStatistics, { hash });
    lines.push(
      yield* line(about, statistics, (known) =>
        known
          ? `on ${known.organizationPrevalence ?? "?"} device(s) here, on ${known.globallyPrevalence ?? "?"} everywhere`
          : "not known to Defender",
      ),
    );
    const sha1 = Sha1.safeParse(hash).data;
    if (!sha1) continue;
    const alerts = run.step(listFileAlerts, { sha1 });
    lines.push(
      yield* line(`Other alerts of ${name}`, alerts, ({ rows }) => `${rows.filter(({ id }) => id !== alertId).length}`),
    );
  }
  const common = ({ organizationPrevalence: devices }: { organizationPrevalence?: unknown }) =>
    `seen by ${devices ?? "?"} device(s) here`;
  for (const ip of ips.slice(0, atMost)) lines.push(yield* line(ip, run.step(getIpStatistics, { ip }), common));
  for (const domain of domains.slice(0, atMost)) {
    lines.push(yield* line(domain, run.step(getDomainStatistics, { domain }), common));
  }
  return lines;
}

/** What hunting finds. */
export function* huntFindings(run: Run, hunts: readonly Hunt[]): Steps<string[]> {
  const lines: string[] = [];
  for (const { title, query } of hunts) {
    lines.push(yield* line(title, run.step(runHuntingQuery, { query }), ({ rows }) => first(rows.map(describeRow))));
  }
  return lines;
}

const describeRow = (row: Record<string, unknown>): string =>
  oneLine(
    Object.entries(row)
      .map(([column, value]) => `${column} ${value}`)
      .join(", "),
    LONGEST_ROW,
  );

function first(all: readonly string[]): string {
  const rest = all.length - MOST_SHOWN;
  return `${all.slice(0, MOST_SHOWN).join("; ") || "none"}${rest > 0 ? ` and ${rest} more` : ""}`;
}

import { atOnce } from "../at-once.ts";
import type { CaseAlert, CaseKey, CaseStore } from "../cases/case.ts";
import { MachineId } from "../defender/machines/machine.ts";
import type { Mode } from "../mode.ts";
import type { RunControl, StartOutcome } from "../runs/run-control.ts";
import { runIdOf } from "../runs/run-id.ts";
import { knownSeverity, Severity } from "../severity.ts";
import { type Snooze, type SnoozeStore, snoozeOf } from "../snoozes/snooze.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { type Assessment, type PlannedRun, plannedRunsOf } from "./assess.ts";
import type { Decision, DecisionLog } from "./decision-log.ts";

/** The name of the playbook that completes an alert; see functions/playbooks/assess-alert.ts. */
export const ASSESS_ALERT = "assess-alert";

/** An alert, all that is known of it, and what is to be done. */
export interface Assessed {
  facts: AlertFacts;
  assessment: Assessment;
  mode?: Mode | undefined;
}

export interface Admission {
  runs: RunControl;
  decisions: DecisionLog;
  cases: CaseStore;
  snoozes: SnoozeStore;
  /** Playbooks of which a machine has one run at a time, which alerts that come meanwhile join. */
  sharedPlaybooks: ReadonlySet<string>;
}

/** How many runs were started, how many alerts joined one that was under way, and how many were there already. */
export interface Admitted {
  started: number;
  joined: number;
  duplicates: number;
}

/**
 * Does what was decided about alerts: starts their runs or has them join those under way, and records what was done, or
 * why nothing is. Safe to repeat: ids of runs follow from alerts and cases, and each alert is in a case once.
 *
 * @throws AggregateError when part of it failed: all else was done, and the whole may be repeated
 */
export async function carryOut(all: readonly Assessed[], admission: Admission): Promise<Admitted> {
  const { planned, snoozed } = await withoutSnoozed(plannedOf(all), admission.snoozes);
  const admitted = { started: 0, joined: 0, duplicates: 0 };
  const count = (outcome: keyof Admitted, alerts = 1) => {
    admitted[outcome] += alerts;
  };
  const groups = [...Map.groupBy(planned, (one) => groupOf(one, admission)).values()];
  const work = [
    ...groups.map((group) => () => startGroup(group, admission, count)),
    ...snoozed.map((one) => () => recordSnoozed(one, admission.decisions)),
    ...all.map((one) => () => recordIgnored(one, admission.decisions)),
  ];
  await atOnce(AT_ONCE, work, "Part of the runs that alerts call for could not be started");
  return admitted;
}

/** A message may hold thousands of alerts; storage and Durable are not to be flooded with them. */
const AT_ONCE = 20;

interface Planned {
  facts: AlertFacts;
  run: PlannedRun;
  mode: Mode;
}

type Count = (outcome: keyof Admitted, alerts?: number) => void;

const plannedOf = (all: readonly Assessed[]): Planned[] =>
  all.flatMap(({ facts, assessment, mode }) =>
    plannedRunsOf(assessment).map((run) => inMode({ facts, run, mode: mode ?? run.mode })),
  );

/** A run that the source has only pretended is not the one that the rule would start. */
const inMode = ({ facts, run, mode }: Planned): Planned =>
  mode === run.mode
    ? { facts, run, mode }
    : { facts, run: { ...run, runId: runIdOf({ ...facts, ...run, mode }) }, mode };

interface Snoozed extends Planned {
  snooze: Snooze;
}

/** Takes out what people do not want to be started for a while. */
async function withoutSnoozed(all: readonly Planned[], { active }: SnoozeStore) {
  const snoozes = all.length > 0 ? await active() : [];
  const planned: Planned[] = [];
  const snoozed: Snoozed[] = [];
  for (const one of all) {
    const { tenantId, title } = one.facts;
    const about = { tenantId, title, machineId: one.run.machineId, rule: one.run.rule };
    const snooze = snoozeOf(snoozes, about);
    if (snooze) snoozed.push({ ...one, snooze });
    else planned.push(one);
  }
  return { planned, snoozed };
}

async function recordSnoozed({ facts, run, snooze }: Snoozed, decisions: DecisionLog): Promise<void> {
  const { tenantId, alertId } = facts;
  const reason = `rule "${run.rule}" starts nothing until ${snooze.until}, as ${snooze.by} asked: ${snooze.reason}`;
  await decisions.record({ tenantId, alertId, machineId: run.machineId, rule: run.rule, verdict: "ignored", reason });
}

/** What is started together: the alerts of one case, or one run alone. */
const groupOf = ({ facts, run, mode }: Planned, { sharedPlaybooks }: Admission): string =>
  sharedPlaybooks.has(run.playbook)
    ? JSON.stringify([facts.tenantId, run.machineId, run.playbook, mode, run.coolDownMs ?? 0])
    : JSON.stringify([run.runId, mode]);

async function startGroup(group: readonly Planned[], admission: Admission, count: Count): Promise<void> {
  const [first] = group;
  if (!first) return;
  if (admission.sharedPlaybooks.has(first.run.playbook)) return joinCase(group, first, admission, count);
  const { run, mode } = first;
  count(countOf(await admission.runs.startOnce(run.playbook, run.runId, run.input, { mode })));
  await admission.decisions.record(decisionOf(first, run.runId, `rule "${run.rule}" starts ${run.playbook}`));
}

/** Has the alerts of one machine join its case, and starts the run of a case that is new. */
async function joinCase(group: readonly Planned[], first: Planned, admission: Admission, count: Count): Promise<void> {
  const { runs, cases, decisions } = admission;
  const { facts, run, mode } = first;
  const machineId = MachineId.parse(run.machineId);
  const key: CaseKey = { tenantId: facts.tenantId, machineId, playbook: run.playbook, mode };
  // Of several rules for one alert the first counts. The case is opened by who asks for most, of those by the worst alert,
  // whatever order they came in.
  const byAlert = new Map(group.toReversed().map((planned) => [planned.facts.alertId, planned]));
  const worstFirst = [...byAlert.values()].sort(
    (a, b) =>
      Number(isMild(a.run)) - Number(isMild(b.run)) ||
      rankOf(b.facts) - rankOf(a.facts) ||
      (a.facts.alertId < b.facts.alertId ? -1 : 1),
  );
  const alerts = worstFirst.map(({ facts }) => toCaseAlert(facts));
  const options = {
    coolDownMs: run.coolDownMs,
    isMild: worstFirst.every(({ run }) => isMild(run)),
    stateOf: runs.stateOf,
  };

  for (const joined of await cases.join(key, alerts, options)) {
    const opener = joined.state === "opened" ? byAlert.get(joined.alerts[0]?.alertId as never) : undefined;
    if (opener) count(countOf(await runs.startOnce(run.playbook, joined.runId, opener.run.input, { mode })));
    const others = joined.alerts.length - (opener ? 1 : 0);
    count("joined", others);
    const toRecord = joined.alerts.flatMap(({ alertId }) => byAlert.get(alertId) ?? []);
    const record = (planned: Planned) => async () => {
      const reason = reasonOf(planned.run, joined.state, planned === opener, joined.coolUntil);
      await decisions.record(decisionOf(planned, joined.runId, reason));
    };
    await atOnce(AT_ONCE, toRecord.map(record), "Part of the decisions about alerts could not be recorded");
  }
}

/** Whether the run leaves the machine more than the playbook would: a selective isolation leaves it Outlook and Teams. */
const isMild = ({ input }: PlannedRun): boolean => input.isolationType === "Selective";

const rankOf = ({ severity }: AlertFacts): number => Severity.options.indexOf(knownSeverity(severity) as Severity);

function reasonOf({ rule, playbook }: PlannedRun, state: string, isOpener: boolean, coolUntil?: string): string {
  if (isOpener) return `rule "${rule}" starts ${playbook}`;
  if (state !== "cooling") return `rule "${rule}" has it join the ${playbook} of this machine`;
  return `rule "${rule}" starts no second ${playbook} of this machine before ${coolUntil}`;
}

const countOf = (outcome: StartOutcome): keyof Admitted => (outcome === "started" ? "started" : "duplicates");

const toCaseAlert = ({ alertId, title, severity }: AlertFacts): CaseAlert => ({ alertId, title, severity });

function decisionOf({ facts, run, mode }: Planned, runId: string, reason: string): Decision {
  const { tenantId, alertId } = facts;
  const about = { tenantId, alertId, machineId: run.machineId, rule: run.rule, ...(mode !== "act" && { mode }) };
  return { ...about, verdict: "run", reason: mode === "act" ? reason : `${reason} in mode ${mode}`, runId };
}

async function recordIgnored({ facts, assessment, mode }: Assessed, decisions: DecisionLog): Promise<void> {
  if (assessment.verdict !== "ignored") return;
  const { tenantId, alertId } = facts;
  const decision: Decision = { tenantId, alertId, mode, verdict: "ignored", reason: assessment.reason };
  await (assessment.isPassedBy ? decisions.recordFirst(decision) : decisions.record(decision));
}

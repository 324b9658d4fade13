import { styleText } from "node:util";
import { type Machine, machineLabel } from "../../shared/defender/machines/machine.ts";
import type { AlertFacts } from "../../shared/intake/alert-facts.ts";
import type { AutomationRule } from "../../shared/rules/automation-rule.ts";
import { type Decision, decide, type Explanation, explain } from "../../shared/rules/decide.ts";
import { whyUndecided } from "../../shared/rules/in-words.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { table } from "../demo/table.ts";

/** What rules say of an alert on one of its machines. */
export interface ExplainedAlert {
  tenantId: string;
  alertId: string;
  title?: string | undefined;
  severity?: string | undefined;
  /** Absent where no machine is known to be hit: then nothing starts. */
  machineId?: string;
  machine?: string;
  decision: Decision;
  rules: Explanation[];
}

/** Holds the rules against an alert, once for each machine it hit. */
export function explainAlert(
  alert: AlertFacts,
  machines: ReadonlyMap<string, Machine>,
  rules: readonly AutomationRule[],
  now: Date,
): ExplainedAlert[] {
  const { tenantId, alertId, title, severity } = alert;
  const hit = alert.machineIds.length > 0 ? alert.machineIds : [undefined];
  return hit.map((machineId) => {
    const machine = machineId && machines.get(machineId);
    const subject = { alert, machine: machine || undefined, now };
    return {
      ...{ tenantId, alertId, title, severity },
      ...(machineId && { machineId, machine: machine ? machineLabel(machine) : machineId }),
      decision: decide(subject, rules),
      rules: explain(subject, rules),
    };
  });
}

/** The same for people: a heading, a row for each rule, and what comes of it. */
export function describeAlert({ alertId, title, machine, decision, rules }: ExplainedAlert): string {
  const heading = `${title ?? "Alert without a title"} (${alertId}) on ${machine ?? "no known machine"}`;
  const rows = rules.flatMap(({ rule, verdict, why }) =>
    linesOf(why).map((line, index) => (index === 0 ? [rule, verdict.replace("-", " "), line] : ["", "", line])),
  );
  return [
    styleText("bold", oneLine(heading, LONGEST_HEADING)),
    table(["rule", "", "because"], rows),
    styleText(decision.verdict === "matched" ? "green" : "dim", `→ ${outcomeOf(decision, machine)}`),
  ].join("\n");
}

const LONGEST_HEADING = 500;

function outcomeOf(decision: Decision, machine: string | undefined): string {
  if (decision.verdict === "none") return "nothing starts";
  if (decision.verdict === "unknown") return `nothing can be said yet: ${whyUndecided(decision)}`;
  if (!machine) return "nothing starts before a machine is known to be hit";
  return decision.actions.map(({ playbook, mode }) => `${playbook} starts${modes[mode]}`).join(", ");
}

const modes = { act: "", ask: ", asking before it acts", shadow: ", only recording what it would do" };

const LONGEST_LINE = 60;

/** Reasons as lines of a width that a table shows whole. */
function linesOf(why: readonly string[]): string[] {
  return why.flatMap((reason) => {
    const lines = [""];
    for (const word of reason.split(" ")) {
      const last = lines.at(-1) ?? "";
      if (last !== "" && last.length + word.length >= LONGEST_LINE) lines.push(word);
      else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
    }
    return lines;
  });
}

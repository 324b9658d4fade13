import { isDeepStrictEqual } from "node:util";
import type { JournalEntry, SimulatorControl } from "../local/defender/control-client.ts";
import type { Ticket } from "../shared/tickets/ticket.ts";

/** One containment: its run, its device and its alert, which no other containment shares. */
export interface Subject {
  runId: string;
  machineId: string;
  alertId: string;
}

export const subjectOf = (index: number): Subject => ({
  runId: `run-${index.toString(16).padStart(40, "0")}`,
  machineId: index.toString(16).padStart(40, "a"),
  alertId: `da${String(index).padStart(18, "0")}_1`,
});

/** What has come of a containment, counted where it was done. */
export interface ContainmentEnd {
  isolations: number;
  packages: number;
  tickets: number;
  finalComments: number;
  /** All that people and programs see of it in the end, without what differs from one containment to the next. */
  seen: string;
}

/** What a run and its stores say of a containment. */
export interface Said {
  status: string;
  outcome: unknown;
  tickets: readonly Ticket[];
}

export const addSubject = async (simulator: SimulatorControl, { machineId, alertId }: Subject): Promise<void> => {
  await simulator.addMachine({ id: machineId, computerDnsName: "crash.contoso.example" });
  const incidentId = Number.parseInt(alertId.slice(2), 10) + 1;
  await simulator.addAlert({ id: alertId, machineId, severity: "High", incidentId });
};

export async function endOf(simulator: SimulatorControl, subject: Subject, said: Said): Promise<ContainmentEnd> {
  const { machineId, alertId } = subject;
  const accepted = async (method: string, path: string) =>
    (await simulator.journal({ method, path })).filter(({ status }) => status >= 200 && status < 300);
  const comments = (await accepted("PATCH", `/api/alerts/${alertId}`)).map(commentOf);
  const { isolation } = await simulator.machine(machineId);
  const notes = said.tickets.flatMap(({ description, notes }) => [description, ...notes.map(({ text }) => text)]);
  return {
    isolations: (await accepted("POST", `/api/machines/${machineId}/isolate`)).length,
    packages: (await accepted("POST", `/api/machines/${machineId}/collectInvestigationPackage`)).length,
    tickets: said.tickets.length,
    finalComments: comments.filter((comment) => comment.includes(" closing]")).length,
    seen: withoutNames(subject, {
      ...{ status: said.status, outcome: said.outcome, isIsolated: isolation !== null },
      ...{ comments, notes },
    }),
  };
}

const commentOf = ({ body }: JournalEntry): string => String((body as { comment?: unknown } | undefined)?.comment);

const NAMES: [RegExp, string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<machine action>"],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>"],
  [/SEC-[0-9a-f]{8}/g, "<ticket>"],
  [/\b[0-9a-f]{64}\b/g, "<SHA-256>"],
  [/"bytes": \d+/g, "<size>"],
];

function withoutNames({ runId, machineId, alertId }: Subject, seen: object): string {
  const own = JSON.stringify(seen, null, 1)
    .replaceAll(runId, "<run>")
    .replaceAll(machineId, "<machine>")
    .replaceAll(alertId, "<alert>");
  return NAMES.reduce((text, [name, word]) => text.replace(name, word), own);
}

/** Of many containments together, each of which should have one of everything. */
export interface CrashFigures {
  boundaries: number;
  isolations: number;
  packages: number;
  tickets: number;
  finalComments: number;
  /** How many have ended otherwise than the one that nothing came between. */
  differing: number;
}

export function figuresOf(undisturbed: ContainmentEnd, ends: readonly ContainmentEnd[]): CrashFigures {
  const total = (count: (end: ContainmentEnd) => number) => ends.reduce((sum, end) => sum + count(end), 0);
  return {
    boundaries: ends.length,
    isolations: total(({ isolations }) => isolations),
    packages: total(({ packages }) => packages),
    tickets: total(({ tickets }) => tickets),
    finalComments: total(({ finalComments }) => finalComments),
    differing: ends.filter((end) => !isDeepStrictEqual(end, undisturbed)).length,
  };
}

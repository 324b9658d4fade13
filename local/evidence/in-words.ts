import { styleText } from "node:util";
import type { CustodyEntry } from "../../shared/evidence/custody-record.ts";
import type { EvidenceInFull, EvidenceView } from "../../shared/evidence/list-evidence.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";

/** Evidence as a table: header and rows. */
export function listed(views: readonly EvidenceView[]): [header: string[], rows: string[][]] {
  const rows = views.map((view) => [
    view.name,
    view.storedAt?.slice(0, 19) ?? "",
    view.machineName ?? "",
    view.bytes === undefined ? "" : String(view.bytes),
    standingOf(view),
  ]);
  return [["name", "stored (UTC)", "machine", "bytes", "standing"], rows.map((row) => row.map(printable))];
}

function standingOf({ problems: [problem], purgedAt, isHeld, keepUntil }: EvidenceView): string {
  if (problem) return problem;
  if (purgedAt) return `purged ${purgedAt.slice(0, 10)}`;
  if (isHeld) return "on legal hold";
  return keepUntil ? `kept until ${keepUntil.slice(0, 10)}` : "kept without end";
}

/** One piece with its chain of custody. */
export function shown({ custody, head, problems, ...view }: EvidenceInFull): string {
  const facts = Object.entries({ ...view, keepUntil: view.keepUntil ?? "without end" })
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name.padEnd(16)} ${printable(String(value))}`);
  const chain = custody.map((entry) => `  ${entry.at}  ${printable(`${entry.event} by ${entry.by}${more(entry)}`)}`);
  return [...facts, "", "Chain of custody:", ...chain, `  head ${head}`, ...problems.map(warned)].join("\n");
}

function more(entry: CustodyEntry): string {
  if ("reason" in entry) return `: ${entry.reason}`;
  return entry.event === "verified" ? `: ${entry.outcome}` : "";
}

const GOOD = ["same", "purged", "held", "not held"];

/** What came of one piece. */
export function wordsOf(name: string, outcome: string, reasons: readonly string[]): string {
  const head = styleText(GOOD.includes(outcome) ? "green" : "yellow", outcome);
  return [`${head}  ${name}`, ...reasons.map((reason) => `    ${printable(reason)}`)].join("\n");
}

const warned = (problem: string): string => styleText("yellow", printable(problem));

const LONGEST = 500;

/** What devices and people have written must not steer the terminal. */
const printable = (text: string): string => oneLine(text, LONGEST);

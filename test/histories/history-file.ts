import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { HistoryEvent } from "../../local/host/durable/history.ts";

/** What happened to one run of a playbook, as Durable keeps it. */
export const RecordedRun = z.object({
  playbook: z.string(),
  version: z.int(),
  /** What it tells, in a word or two. */
  story: z.string(),
  /** The name it was started under. */
  orchestration: z.string(),
  runId: z.string(),
  /** JSON. */
  input: z.string().nullable(),
  history: z.array(z.custom<HistoryEvent>()),
});
export type RecordedRun = z.infer<typeof RecordedRun>;

const FOLDER = import.meta.dirname;

export const nameOf = ({ playbook, version, story }: Pick<RecordedRun, "playbook" | "version" | "story">): string =>
  `${playbook}-v${version}-${story}.json`;

/** The files that are there. */
export const recordedNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

export const readRecorded = (name: string): RecordedRun =>
  RecordedRun.parse(JSON.parse(readFileSync(join(FOLDER, name), "utf8")));

/** One line for each event, and the same ids for the same story: what is recorded anew shows what has changed. */
export function writeRecorded(run: RecordedRun): void {
  const { history, ...about } = run;
  const head = JSON.stringify(about, null, 2).slice(0, -2);
  const lines = history.map((event) => `    ${JSON.stringify(event)}`).join(",\n");
  writeFileSync(join(FOLDER, nameOf(run)), withPlainIds(`${head},\n  "history": [\n${lines}\n  ]\n}\n`));
}

/** Where the simulator was, which Defender says in its answers. */
const PORT = /(?<=http:\/\/127\.0\.0\.1):\d+/g;
const RANDOM_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g;

/** Random ids become numbers, in the order they appear, and addresses lose what is random in them. */
function withPlainIds(text: string): string {
  const numbers = new Map<string, number>();
  return text.replace(PORT, "").replace(RANDOM_ID, (id) => {
    const number = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, number);
    const digits = String(number).padStart(12, "0");
    return id.includes("-") ? `00000000-0000-4000-8000-${digits}` : digits.padStart(32, "0");
  });
}

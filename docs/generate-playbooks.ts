import { readFileSync, writeFileSync } from "node:fs";
import { onRequest, runbooks } from "../functions/playbooks/index.ts";
import { machineCalls } from "../shared/defender/machines/calls.ts";
import { actsOnMachine, type Playbook, type Runbook } from "../shared/playbook.ts";
import { fieldsOf, table } from "./tables.ts";

const fileOf = (name: string): URL => new URL(name, import.meta.url);

/** A page as it was last written. */
export const writtenPage = (name: string): string => readFileSync(fileOf(name), "utf8");

/** The page about every runbook, from its declaration. */
export function describePlaybooks(): string {
  return `${[
    "# Playbooks",
    "Written by `npm run docs` from the declarations in `functions/playbooks/`: change those, not this page. [Write your own](write-your-own.md) in ten minutes.",
    "`POST /api/playbooks/{name}/runs` starts one with its parameters as JSON, and an [automation rule](automation-rules.md) starts one for an alert. Every step passes the [policy gate](policy.md): what it leaves to people is [asked](approvals.md) before the step, and what it forbids is said on the ticket.",
    "Outcomes are said in the same words by all: *requested*; *queued, device offline*; *done*, once Defender has confirmed it; *failed*; *not allowed by policy*; *declined*; *nobody approved it in time*; *cancelled*; *requested but never confirmed*.",
    table(
      ["Playbook", "What it is for"],
      byName(runbooks).map(({ name, summary }) => [`[${name}](#${name})`, summary]),
    ),
    ...byName(runbooks).map(describeRunbook),
    "## On request only",
    "These are started by people, never by a rule.",
    ...byName(onRequest).map(({ name, summary, input }: Playbook) =>
      [`### ${name}`, summary, parametersOf(input)].join("\n\n"),
    ),
  ].join("\n\n")}\n`;
}

function describeRunbook(runbook: Runbook): string {
  const { name, summary, when, does, asks, never, undo, uses, input } = runbook;
  const steps = uses.map((activity) => `[${activity.name}](actions.md#${activity.name.toLowerCase()})`);
  return [
    `## ${name}`,
    summary,
    [
      `- **When**: ${when}`,
      `- **Does**: ${does}`,
      `- **Asks**: ${asks}`,
      ...(never ? [`- **Never**: ${never}`] : []),
      `- **Undo**: ${undo}`,
      `- **Permissions**: ${permissionsOf(runbook).map(quoted).join(", ")}`,
      `- **Steps it may take**: ${[...new Set(steps)].sort().join(", ")}`,
    ].join("\n"),
    parametersOf(input),
  ].join("\n\n");
}

/** What the app has to be granted for a runbook, the gate included, which reads the machine before each step on it. */
export function permissionsOf({ uses }: Runbook): string[] {
  const calls = uses.flatMap((activity) => [...activity.calls, ...(actsOnMachine(activity) ? [machineCalls.get] : [])]);
  return [...new Set(calls.flatMap(({ permissions }) => permissions.slice(0, 1)))].sort();
}

const parametersOf = (input: Playbook["input"]): string => table(["Parameter", "Type", "Meaning"], fieldsOf(input));
const quoted = (text: string): string => `\`${text}\``;
const byName = <Named extends { name: string }>(all: readonly Named[]) =>
  [...all].sort((one, other) => (one.name < other.name ? -1 : 1));

/** Where a page shows a file as it is: a comment with its path, then a code block. */
const SHOWN_FILE = /<!-- file: (\S+) -->\n\n```ts\n[\s\S]*?```$/gm;

/** A page with the files it shows as they are now. */
export const withShownFiles = (page: string): string =>
  page.replace(SHOWN_FILE, (_, path: string) => {
    const text = readFileSync(fileOf(`../${path}`), "utf8").trimEnd();
    return `<!-- file: ${path} -->\n\n\`\`\`ts\n${text}\n\`\`\``;
  });

if (import.meta.main) {
  writeFileSync(fileOf("playbooks.md"), describePlaybooks());
  writeFileSync(fileOf("write-your-own.md"), withShownFiles(writtenPage("write-your-own.md")));
}

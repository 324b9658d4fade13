import { readFileSync, writeFileSync } from "node:fs";
import { activities } from "../functions/activities/index.ts";
import { addressOfPage, type Call } from "../shared/defender/call.ts";
import { defenderCalls } from "../shared/defender/calls.ts";
import { limitOf } from "../shared/defender/limits.ts";
import type { Activity, Effect, Repeat } from "../shared/playbook.ts";
import { fieldsOf, table } from "./tables.ts";

/** Where the page is, which `npm run docs` writes and a test compares. */
const page = new URL("actions.md", import.meta.url);

const EFFECTS: Record<Effect, string> = {
  read: "changes nothing",
  write: "leaves something behind that touches no machine",
  collect: "has a machine do something that leaves it in service",
  contain: "takes something from a machine",
  release: "gives a machine back what was taken",
};

const REPEATS: Record<Repeat, string> = {
  reads: "it reads",
  adopts: "it adopts its own earlier effect",
  sets: "it sets what may be set already",
};

/** The page about every activity and every call, from their declarations. */
export function describeActions(): string {
  const byName = <Named extends { name: string }>(all: readonly Named[]) =>
    [...all].sort((one, other) => (one.name < other.name ? -1 : 1));
  return `${[
    "# Activities and calls",
    "Written by `npm run docs` from the declarations in `functions/activities/` and `shared/defender/`: change those, not this page.",
    "A limit counts for one app in one tenant. A permission is an application permission; where a call names several, the first is the one to grant and any is enough.",
    "## Activities",
    "What a playbook can have done. Each may run twice, as Durable Functions delivers at least once.",
    ...byName(activities).map(describeActivity),
    "## Calls",
    "Every call the client can make, with its permissions, its limit and Microsoft's page about it.",
    table(
      ["Call", "Request", "Permissions", "Limit"],
      byName(defenderCalls).map((call) => [
        `\`${call.name}\``,
        `\`${call.method} ${call.path}\``,
        permissionsOf(call),
        linkedLimit(call),
      ]),
    ),
  ].join("\n\n")}\n`;
}

function describeActivity({ name, summary, effect, repeat, calls, input }: Activity): string {
  return [
    `### ${name}`,
    summary,
    `**${capital(effect)}**: ${EFFECTS[effect]}. Safe to repeat: ${REPEATS[repeat]}.`,
    calls.length > 0 &&
      table(
        ["Call", "Permissions", "Limit"],
        [...new Set(calls)].map((call) => [`\`${call.name}\``, permissionsOf(call), linkedLimit(call)]),
      ),
    table(["Input", "Type", "Meaning"], fieldsOf(input)),
  ]
    .filter((part) => part !== false)
    .join("\n\n");
}

function permissionsOf({ permissions: [first, ...others] }: Call): string {
  const rest = others.length > 0 ? ` <sub>or ${others.map((other) => `\`${other}\``).join(", ")}</sub>` : "";
  return `\`${first}\`${rest}`;
}

const linkedLimit = (call: Call): string => `[${limitText(call)}](${addressOfPage(call)})`;

function limitText({ group }: Call): string {
  const { perMinute, perHour } = limitOf(group);
  const parts = [perMinute && `${figure(perMinute)} a minute`, perHour && `${figure(perHour)} an hour`];
  return parts.filter(Boolean).join(", ");
}

const figure = (count: number): string => count.toLocaleString("en-US");
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The page as it was last written. */
export const writtenActions = (): string => readFileSync(page, "utf8");

if (import.meta.main) writeFileSync(page, describeActions());

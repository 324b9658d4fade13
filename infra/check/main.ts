import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { committedResources, committedRoleIds, committedText } from "./committed.ts";
import { compile } from "./compile.ts";
import { findCompiler } from "./compiler.ts";
import { DEPLOYMENTS, problemsOf } from "./rules.ts";

const HELP = `Usage: npm run infra:check -- [--write]

Compiles and lints the Bicep templates, compares what comes out with what is committed (infra/main.json and a snapshot of
each deployment), and checks that every deployment keeps the rules in infra/check/. Without Bicep and dotnet only the
last.

  --write   commit-ready: write what comes out over what is committed
  --help    show this
`;

const { values } = parseArgs({ options: { write: { type: "boolean" }, help: { type: "boolean" } } });
if (values.help) console.log(HELP);
else process.exitCode = check(values.write === true) ? 0 : 1;

function check(isWriting: boolean): boolean {
  const bicep = findCompiler();
  const stale = bicep ? compareCompiled(bicep, isWriting) : [];
  if (!bicep)
    console.log("Neither bicep nor dotnet is on the path: nothing is compiled, what is committed is checked.");
  const problems = DEPLOYMENTS.flatMap((deployment) =>
    problemsOf(deployment, committedResources(deployment), committedRoleIds()).map(
      (problem) => `${deployment}: ${problem}`,
    ),
  );
  for (const line of [...stale, ...problems]) console.error(line);
  const isGood = stale.length + problems.length === 0;
  if (isGood) console.log(`Infrastructure: ${bicep ? "compiled without a warning, " : ""}all rules are kept.`);
  return isGood;
}

function compareCompiled(bicep: string, isWriting: boolean): string[] {
  return [...compile(bicep)].flatMap(([file, text]) => {
    if (isWriting) writeFileSync(join(import.meta.dirname, "..", file), text);
    const isSame = isWriting || committedOrNothing(file) === text;
    return isSame ? [] : [`infra/${file} is stale: run npm run infra:check -- --write and commit it`];
  });
}

function committedOrNothing(file: string): string | undefined {
  try {
    return committedText(file);
  } catch {
    return undefined;
  }
}

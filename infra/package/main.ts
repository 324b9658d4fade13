import { parseArgs } from "node:util";
import { exitWith } from "../../local/child.ts";
import { DURABLE_BACKENDS } from "./host-json.ts";
import { makePackage } from "./make-package.ts";
import { tryPackage } from "./try-package.ts";

const HELP = `Usage: npm run package -- [options]

Makes the zip that is deployed: compiled code, config/, and production dependencies alone.

  --durable BACKEND  scheduler or storage: where runs are kept, as durableBackend of the deployment says
                     (default: DURABLE_BACKEND of the environment, else scheduler)
  --out FILE         where the zip goes (default: .local/package/app.zip)
  --try              then unpack it elsewhere, start it on the embedded host and ask it for its runs
  --help             show this
`;

try {
  const { values } = parseArgs({
    options: {
      durable: { type: "string", default: process.env.DURABLE_BACKEND || "scheduler" },
      out: { type: "string", default: ".local/package/app.zip" },
      try: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) console.log(HELP);
  else await makeAndTry(values);
} catch (error) {
  exitWith(error);
}

async function makeAndTry({ durable, out, try: isTried }: { durable: string; out: string; try?: boolean }) {
  const backend = DURABLE_BACKENDS.find((name) => name === durable);
  if (!backend) throw new Error(`--durable ${durable} is neither scheduler nor storage.`);
  const { files, bytes } = makePackage(out, backend);
  console.log(`${out}: ${files} files, ${(bytes / 1024 ** 2).toFixed(1)} MiB, runs kept in ${backend}`);
  if (!isTried) return;
  await tryPackage(out);
  console.log("It starts by itself and answers.");
}

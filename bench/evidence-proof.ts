import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { storePackage } from "../functions/activities/store-package.ts";
import { startAzurite } from "../local/azurite.ts";
import { exitWith } from "../local/child.ts";
import { startProgram } from "../local/program.ts";
import { createEvidenceStore } from "../shared/evidence/evidence-store.ts";
import { connectLocker } from "../shared/evidence/locker.ts";
import { verifyEvidence } from "../shared/evidence/verify-evidence.ts";
import type { Services } from "../shared/services.ts";
import { connectStorage } from "../shared/storage/connect-storage.ts";
import { ownStorage } from "../shared/storage/storage-settings.ts";

const HELP = `Shows that a large investigation package is kept byte for byte in flat memory.

npm run proof:evidence -- [options]

Downloads a package from a server of its own, stores it in Azurite with its SHA-256 and its chain of custody, and verifies
it there. Only this process is measured, in which the app's own code runs.

  --megabytes <number>  size of the package (default 1024)
  --json                only one line of JSON
  --help                show this
`;

const MEGABYTE = 1024 ** 2;

/** A few blocks on their way, and what the runtime has not yet given back. */
const MOST_GROWTH_MB = 256;

const ids = {
  machineId: "1e5bc9d7e413ddd7902c2932e418702b84d0cc07",
  machineActionId: "7327b54f-d718-4525-8c7e-17b3dcc9c73f",
};

async function prove({ megabytes, json }: { megabytes: number; json: boolean }): Promise<void> {
  const say = (line: string) => json || console.log(line);
  const folder = mkdtempSync(join(tmpdir(), "playbooks-evidence-"));
  const azurite = await startAzurite({ folder });
  const server = await startProgram<{ link: string; sha256: string }>("../bench/package-server.ts", [
    ...["--bytes", String(megabytes * MEGABYTE)],
  ]);
  try {
    const { link, sha256 } = server.addresses;
    const storage = connectStorage(ownStorage({ AzureWebJobsStorage: azurite.connectionString }));
    const locker = connectLocker(storage.containerOf);
    const evidence = createEvidenceStore(locker, {
      retentionDays: 365,
      atMostBytes: megabytes * MEGABYTE,
      advice: "",
      policyMode: "Unlocked",
      storedBy: "proof",
    });
    const services = { defender: { machineActions: { packageLink: async () => link } }, evidence };
    const startedMb = process.memoryUsage.rss() / MEGABYTE;

    say(`Storing a package of ${megabytes} MB ...`);
    const startedAt = performance.now();
    const input = storePackage.input.parse(ids);
    const stored = await storePackage.perform(input, services as unknown as Services, { runId: "run-proof" });
    const seconds = (performance.now() - startedAt) / 1000;
    say("Verifying it ...");
    const verified = await verifyEvidence(locker, stored.name, "proof");

    const peakMb = process.resourceUsage().maxRSS / 1024;
    const figures = {
      bytes: stored.bytes,
      seconds: Math.round(seconds * 10) / 10,
      peakMb: Math.round(peakMb),
      growthMb: Math.round(peakMb - startedMb),
      sha256Matches: stored.sha256 === sha256 && verified.sha256 === sha256 && verified.verdict === "same",
    };
    console.log(JSON.stringify(figures));
    const holds = figures.sha256Matches && figures.growthMb <= MOST_GROWTH_MB;
    if (!holds) throw new Error(`Not all of it holds: the same SHA-256, and at most ${MOST_GROWTH_MB} MB more memory.`);
  } finally {
    await server.stop();
    await azurite.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({
    options: {
      megabytes: { type: "string", default: "1024" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (!/^[1-9]\d{0,5}$/.test(values.megabytes)) throw new Error(`--megabytes ${values.megabytes} is not a size.`);
  if (values.help) console.log(HELP);
  else await prove({ megabytes: Number(values.megabytes), json: values.json });
} catch (error) {
  exitWith(error);
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { openKeys } from "../../local/host/keys.ts";
import { startProgram } from "../../local/program.ts";

const HOST = join(import.meta.dirname, "../../local/host/main.ts");

/** As many settings as the app wants at least. Nothing of it is called. */
const SETTINGS = { AzureWebJobsStorage: "UseDevelopmentStorage=true", ALERT_POLL: "only" };

/**
 * Unpacks the zip far from the project and starts it on the embedded host: what is missing from it is missed now, not in
 * Azure.
 *
 * @throws Error with the words of the host or of the app, when it does not start or does not list its runs
 */
export async function tryPackage(zipFile: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "packaged-"));
  try {
    for (const [path, content] of Object.entries(unzipSync(readFileSync(zipFile)))) {
      mkdirSync(dirname(join(folder, "app", path)), { recursive: true });
      writeFileSync(join(folder, "app", path), content);
    }
    const args = ["--app", join(folder, "app"), "--state", join(folder, "state"), "--port", "0", "--quiet"];
    const host = await startProgram<{ url: string; keysFile: string }>(HOST, args, { env: SETTINGS });
    try {
      const { functionKey } = await openKeys(host.addresses.keysFile);
      const answer = await fetch(`${host.addresses.url}/api/runs`, { headers: { "x-functions-key": functionKey } });
      if (answer.status !== 200) throw new Error(`The packaged app answers ${answer.status}: ${await answer.text()}`);
    } finally {
      await host.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

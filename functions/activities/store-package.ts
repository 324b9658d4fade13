import { z } from "zod";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { pretendedEvidence, StoredEvidence } from "../../shared/evidence/evidence-store.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** A package is some tens of megabytes, and may come over a slow line. */
const DOWNLOAD_MS = 15 * 60_000;

/**
 * Downloads a collected investigation package and keeps it in the evidence store with its SHA-256.
 *
 * Safe to repeat: a package that is stored whole is not downloaded again, as its link may be asked for twice a minute only.
 *
 * @throws Error while Defender has no package yet, also right after the collection succeeded: the step is tried again
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri - 2 calls a minute, 120 an hour
 */
export const storePackage = defineActivity({
  name: "storePackage",
  summary: "Downloads a collected investigation package into the evidence store.",
  effect: "write",
  calls: [machineActionCalls.packageLink],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, machineActionId: MachineActionId }),
  output: StoredEvidence,
  pretend: ({ machineId, machineActionId }) => pretendedEvidence(`${machineId}/${machineActionId}`),

  async perform({ machineId, machineActionId }, { defender, evidence }, { runId }) {
    const name = `${machineId}/${machineActionId}.zip`;
    const stored = await evidence.find(name);
    if (stored) return stored;

    const link = await nullIfNotFound(defender.machineActions.packageLink(machineActionId));
    if (!link) throw new Error(`Defender does not show the package of machine action ${machineActionId} yet`);
    const response = await fetch(link, { signal: AbortSignal.timeout(DOWNLOAD_MS) }).catch((cause: unknown) => {
      throw new Error("The package could not be downloaded", { cause });
    });
    // The link itself stays out of the message: it carries the right to read the package.
    if (!response.ok || !response.body) {
      throw new Error(`The package download answered ${response.status}`);
    }
    return evidence.store(name, response.body, {
      contentType: "application/zip",
      labels: { runid: runId, machineid: machineId, machineactionid: machineActionId },
    });
  },
});

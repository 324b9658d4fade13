import { z } from "zod";
import { download } from "../../shared/defender/download.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { aboutPiece, pretendedEvidence, StoredEvidence } from "../../shared/evidence/piece.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** A package is some tens of megabytes, and may come over a slow line. */
const DOWNLOAD_MS = 15 * 60_000;

/**
 * Downloads a collected investigation package and keeps it as evidence, with its SHA-256 and its chain of custody.
 *
 * Safe to repeat: a package that is stored whole is not downloaded again, as its link may be asked for twice a minute only.
 * A link that has lapsed is not kept: each try asks for a new one.
 *
 * @throws Error while Defender has no package yet, also right after the collection succeeded, and for a download that breaks
 * off: the step is tried again; PermanentError `ResultTooLarge` over `EVIDENCE_MAX_MB`
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri - 2 calls a minute, 120 an hour
 */
export const storePackage = defineActivity({
  name: "storePackage",
  summary: "Downloads a collected investigation package into the evidence store.",
  effect: "write",
  calls: [machineActionCalls.packageLink],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, machineActionId: MachineActionId, ...aboutPiece }),
  output: StoredEvidence,
  target: ({ machineId, machineActionId }) => `package ${machineActionId} of machine ${machineId}`,
  pretend: ({ machineId, machineActionId }) => pretendedEvidence(`${machineId}/${machineActionId}`),

  async perform(input, { defender, evidence }, { runId, playbook, tenantId }) {
    const { machineId, machineActionId } = input;
    const name = `${machineId}/${machineActionId}.zip`;
    const stored = await evidence.find(name);
    if (stored) return stored;

    const link = await nullIfNotFound(defender.machineActions.packageLink(machineActionId));
    if (!link) throw new Error(`Defender does not show the package of machine action ${machineActionId} yet`);
    return evidence.store(
      { name, kind: "investigation-package", contentType: "application/zip", ...input, runId, playbook, tenantId },
      download(link, { ...evidence.limit, timeoutMs: DOWNLOAD_MS }),
    );
  },
});

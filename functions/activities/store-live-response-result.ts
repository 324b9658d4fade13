import { z } from "zod";
import { liveResponseCalls } from "../../shared/defender/live-response/calls.ts";
import { CommandIndex } from "../../shared/defender/live-response/command.ts";
import { MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { aboutPiece, pretendedEvidence, StoredEvidence } from "../../shared/evidence/piece.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Downloads the result of a live response command and keeps it as evidence, with its SHA-256 and its chain of custody,
 * byte for byte as Defender hands it out: a file compressed with gzip, the transcript of a script as JSON.
 *
 * Safe to repeat: a result that is stored whole is not downloaded again.
 *
 * @param input.index of the command in its session, from 0
 * @throws DefenderRefusedError `ResourceNotFound` while there is no result; PermanentError `ResultTooLarge`
 * over `EVIDENCE_MAX_MB`
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result - 100 calls a minute, 1,500 an hour
 */
export const storeLiveResponseResult = defineActivity({
  name: "storeLiveResponseResult",
  summary: "Downloads the result of a live response command into the evidence store.",
  effect: "write",
  calls: [liveResponseCalls.resultLink],
  repeat: "adopts",
  input: z.object({
    machineId: MachineId,
    machineActionId: MachineActionId,
    index: CommandIndex,
    ...aboutPiece,
  }),
  output: StoredEvidence,
  target: ({ machineId, machineActionId, index }) => `result ${index} of ${machineActionId} of machine ${machineId}`,
  pretend: ({ machineId, machineActionId }) => pretendedEvidence(`${machineId}/${machineActionId}`),

  async perform({ index, ...input }, { defender: { liveResponse }, evidence }, { runId, playbook, tenantId }) {
    const { machineId, machineActionId } = input;
    const name = `${machineId}/${machineActionId}-${index}`;
    const stored = await evidence.find(name);
    if (stored) return stored;
    const about = { ...input, commandIndex: index, runId, playbook, tenantId };
    return evidence.store(
      { name, kind: "live-response-result", contentType: "application/octet-stream", ...about },
      liveResponse.result(machineActionId, index, evidence.limit),
    );
  },
});

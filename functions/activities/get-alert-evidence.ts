import { z } from "zod";
import { AlertId, Evidence } from "../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { firstRows, firstRowsOf } from "./listing.ts";

const EvidenceRow = Evidence.strip();

/**
 * Reads what an alert shows: files, processes, users, addresses. At most 100 rows, fewer when they are long.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when Defender for Endpoint has no such alert
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id - 100 calls a minute, 1,500 an hour
 */
export const getAlertEvidence = defineActivity({
  name: "getAlertEvidence",
  summary: "Reads what an alert shows: files, processes, users, addresses.",
  effect: "read",
  calls: [alertCalls.get],
  repeat: "reads",
  input: z.object({ alertId: AlertId }),
  output: firstRowsOf(EvidenceRow),
  async perform({ alertId }, { defender }) {
    const { evidence } = await defender.alerts.get(alertId);
    return firstRows(evidence ?? [], EvidenceRow);
  },
});

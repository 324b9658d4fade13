import type { AlertId } from "../alerts/alert.ts";
import type { MachineId } from "../machines/machine.ts";
import { and, eq, isOneOf } from "../odata/filter.ts";
import { allOf, type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { investigationCalls } from "./calls.ts";
import { Investigation, type InvestigationId, OPEN_STATES } from "./investigation.ts";

/** What `$filter` on investigations may name. */
export type InvestigationProperty = "startTime" | "id" | "state" | "machineId" | "triggeringAlertId";

/** Reads and starts automated investigations. */
export const createInvestigations = (send: Send) => {
  const list = (query: ListQuery<InvestigationProperty> = {}) =>
    rowsOf(send, investigationCalls.list, {}, query, { row: Investigation });

  return {
    list,

    /** The newest investigation of a machine that has not ended, whoever or whatever started it. */
    async newestOpen(machineId: MachineId): Promise<Investigation | undefined> {
      const filter = and<InvestigationProperty>(eq("machineId", machineId), isOneOf("state", OPEN_STATES));
      const open = await allOf(list({ filter, atMost: 200 }));
      return open.sort((one, other) => startedAt(other) - startedAt(one))[0];
    },

    /** @param id of the investigation, or of the alert that set it off */
    get: (id: InvestigationId | AlertId) => send(investigationCalls.get, { ids: { id } }),

    /** Answers with the investigation, not with a machine action. */
    start: (machineId: MachineId, { comment }: { comment: string }) =>
      send(investigationCalls.start, { ids: { machineId }, body: { Comment: comment } }),
  };
};

/** One that does not say when it started has only just been queued. */
const startedAt = ({ startTime }: Investigation): number =>
  startTime ? Date.parse(startTime) : Number.MAX_SAFE_INTEGER;

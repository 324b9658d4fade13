import type { MachineId } from "../machines/machine.ts";
import { and, eq, isOneOf } from "../odata/filter.ts";
import { allOf, type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { machineActionCalls } from "./calls.ts";
import { type IsolationType, MachineAction, type MachineActionId } from "./machine-action.ts";

/** What `$filter` on machine actions may name. */
export type MachineActionProperty = "id" | "status" | "machineId" | "type" | "requestor" | "creationDateTimeUtc";

/** Asks machines to do something, and follows what they do. Each asking call answers with a machine action, mostly still `Pending`. */
export const createMachineActions = (send: Send) => {
  const list = (query: ListQuery<MachineActionProperty> = {}) =>
    rowsOf(send, machineActionCalls.list, {}, query, { row: MachineAction });

  return {
    isolate: (machineId: MachineId, { comment, isolationType }: { comment: string; isolationType: IsolationType }) =>
      send(machineActionCalls.isolate, {
        ids: { machineId },
        body: { Comment: comment, IsolationType: isolationType },
      }),

    collectInvestigationPackage: (machineId: MachineId, { comment }: { comment: string }) =>
      send(machineActionCalls.collectInvestigationPackage, { ids: { machineId }, body: { Comment: comment } }),

    get: (machineActionId: MachineActionId) => send(machineActionCalls.get, { ids: { machineActionId } }),

    list,

    /** The newest actions of some types on a machine, newest first, whoever asked for them. */
    async recent(machineId: MachineId, types: readonly string[]): Promise<MachineAction[]> {
      const filter = and<MachineActionProperty>(eq("machineId", machineId), isOneOf("type", types));
      const actions = await allOf(list({ filter, atMost: 200 }));
      return actions.sort((a, b) => createdAt(b) - createdAt(a));
    },

    /** Where to download a collected package from. The link is short-lived and carries its own right to read. */
    async packageLink(machineActionId: MachineActionId): Promise<string> {
      const { value } = await send(machineActionCalls.packageLink, { ids: { machineActionId } });
      return value.replace(/^"|"$/g, ""); // the service wraps the link in literal quotes
    },
  };
};

/** The newest first: a new action may not say yet when it was made. */
const createdAt = ({ creationDateTimeUtc }: MachineAction): number =>
  creationDateTimeUtc ? Date.parse(creationDateTimeUtc) : Number.MAX_SAFE_INTEGER;

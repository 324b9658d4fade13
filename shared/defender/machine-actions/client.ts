import type { Call } from "../call.ts";
import type { MachineId } from "../machines/machine.ts";
import { type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { machineActionCalls } from "./calls.ts";
import { addressOf } from "./link.ts";
import type { ListPace } from "./list-pace.ts";
import { type IsolationType, MachineAction, type MachineActionId } from "./machine-action.ts";
import { createRecentActions } from "./recent-actions.ts";
import type { ScanType } from "./scan-type.ts";
import type { Sha1 } from "./sha1.ts";

/** What `$filter` on machine actions may name. */
export type MachineActionProperty = "id" | "status" | "machineId" | "type" | "requestor" | "creationDateTimeUtc";

/** Why something is asked for. Defender refuses a request without it. */
interface Reason {
  comment: string;
}

type Ask = Call<`/api/machines/{machineId}/${string}`, typeof MachineAction>;

export type MachineActions = ReturnType<typeof createMachineActions>;

/** Asks machines to do something, and follows what they do. Each asking call answers with a machine action, mostly still `Pending`. */
export const createMachineActions = (send: Send, pace: ListPace) => {
  const list = (query: ListQuery<MachineActionProperty> = {}) =>
    rowsOf(send, machineActionCalls.list, {}, query, { row: MachineAction });

  const ask = (call: Ask, machineId: MachineId, { comment }: Reason, more: Readonly<Record<string, string>> = {}) =>
    send(call, { ids: { machineId }, body: { Comment: comment, ...more } });

  const release = (machineId: MachineId, reason: Reason) => ask(machineActionCalls.release, machineId, reason);

  return {
    /** Cuts a managed machine off the network. */
    isolate: (machineId: MachineId, { isolationType, ...reason }: Reason & { isolationType: IsolationType }) =>
      ask(machineActionCalls.isolate, machineId, reason, { IsolationType: isolationType }),

    /** Lets a machine back onto the network; Defender's call is named `unisolate`. */
    release,

    /** Has all managed machines refuse to talk to one that is not managed. */
    containUnmanaged: (machineId: MachineId, reason: Reason) =>
      ask(machineActionCalls.isolate, machineId, reason, { IsolationType: "UnManagedDevice" }),

    /** Ends the containment of an unmanaged machine. No page says how; the release of a machine is presumed to do it. */
    uncontain: release,

    /** Lets only programs signed by Microsoft run. */
    restrictCodeExecution: (machineId: MachineId, reason: Reason) =>
      ask(machineActionCalls.restrictCodeExecution, machineId, reason),

    unrestrictCodeExecution: (machineId: MachineId, reason: Reason) =>
      ask(machineActionCalls.unrestrictCodeExecution, machineId, reason),

    runAntiVirusScan: (machineId: MachineId, { scanType, ...reason }: Reason & { scanType: ScanType }) =>
      ask(machineActionCalls.runAntiVirusScan, machineId, reason, { ScanType: scanType }),

    stopAndQuarantineFile: (machineId: MachineId, { sha1, ...reason }: Reason & { sha1: Sha1 }) =>
      ask(machineActionCalls.stopAndQuarantineFile, machineId, reason, { Sha1: sha1 }),

    collectInvestigationPackage: (machineId: MachineId, reason: Reason) =>
      ask(machineActionCalls.collectInvestigationPackage, machineId, reason),

    /** Ends Defender's watch over a machine. No call takes it back. */
    offboard: (machineId: MachineId, reason: Reason) => ask(machineActionCalls.offboard, machineId, reason),

    /** @throws DefenderNotFoundError also while a new action is not visible yet, which may take two minutes */
    get: (machineActionId: MachineActionId) => send(machineActionCalls.get, { ids: { machineActionId } }),

    /** @throws DefenderRefusedError once the action has ended */
    cancel: (machineActionId: MachineActionId, { comment }: Reason) =>
      send(machineActionCalls.cancel, { ids: { machineActionId }, body: { Comment: comment } }),

    list,

    /** The newest actions of some types on a machine, newest first, whoever asked for them. */
    recent: createRecentActions(list, pace),

    /**
     * Where to download a collected package from.
     *
     * @throws DefenderNotFoundError while the collection is not complete
     */
    packageLink: async (machineActionId: MachineActionId): Promise<string> =>
      addressOf(await send(machineActionCalls.packageLink, { ids: { machineActionId } })),
  };
};

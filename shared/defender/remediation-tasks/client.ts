import { MachineReference } from "../machines/machine-reference.ts";
import { type ListQuery, linkedRowsOf, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { remediationTaskCalls } from "./calls.ts";
import { RemediationTask } from "./remediation-task.ts";

/** Reads what IT was asked to mend, and where that is still to do. */
export const createRemediationTasks = (send: Send) => ({
  list: (query: ListQuery<"createdOn" | "status"> = {}) =>
    rowsOf(send, remediationTaskCalls.list, {}, query, { row: RemediationTask }),

  get: (taskId: string) => send(remediationTaskCalls.get, { ids: { taskId } }),

  /** The machines that are still exposed. */
  machines: (taskId: string) =>
    linkedRowsOf(send, remediationTaskCalls.machines, { ids: { taskId } }, { row: MachineReference }),
});

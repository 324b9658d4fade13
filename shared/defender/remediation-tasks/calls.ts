import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { RemediationTask } from "./remediation-task.ts";

const READ = ["RemediationTasks.Read.All"];

/** The calls on remediation tasks, also called remediation activities. */
export const remediationTaskCalls = {
  list: defineCall({
    name: "remediationTasks.list",
    method: "GET",
    path: "/api/remediationTasks",
    permissions: READ,
    page: "get-remediation-all-activities",
    answer: Page,
  }),
  get: defineCall({
    name: "remediationTasks.get",
    method: "GET",
    path: "/api/remediationTasks/{taskId}",
    permissions: READ,
    page: "get-remediation-one-activity",
    answer: RemediationTask,
  }),
  machines: defineCall({
    name: "remediationTasks.machines",
    method: "GET",
    path: "/api/remediationTasks/{taskId}/machineReferences",
    permissions: READ,
    page: "get-remediation-exposed-devices-activities",
    answer: Page,
  }),
};

import { defineCall } from "../call.ts";
import { Link } from "../machine-actions/link.ts";
import { MachineAction } from "../machine-actions/machine-action.ts";

/** The calls of live response. */
export const liveResponseCalls = {
  run: defineCall({
    name: "liveResponse.run",
    method: "POST",
    path: "/api/machines/{machineId}/runliveresponse",
    permissions: ["Machine.LiveResponse"],
    page: "run-live-response",
    answer: MachineAction,
  }),
  /** The permission to run a session is not enough to read its results. */
  resultLink: defineCall({
    name: "liveResponse.resultLink",
    method: "GET",
    path: "/api/machineactions/{machineActionId}/GetLiveResponseResultDownloadLink(index={index})",
    permissions: ["Machine.ReadWrite.All", "Machine.Read.All"],
    page: "get-live-response-result",
    answer: Link,
  }),
};

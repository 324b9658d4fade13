import type { Activity } from "../../shared/playbook.ts";
import { addTicketNote } from "./add-ticket-note.ts";
import { admitAlert } from "./admit-alert.ts";
import { cancelMachineAction } from "./cancel-machine-action.ts";
import { collectInvestigationPackage } from "./collect-investigation-package.ts";
import { collectLiveResponseFile } from "./collect-live-response-file.ts";
import { containUnmanagedMachine } from "./contain-unmanaged-machine.ts";
import { deleteLibraryFile } from "./delete-library-file.ts";
import { getAlert } from "./get-alert.ts";
import { getInvestigation } from "./get-investigation.ts";
import { getMachine } from "./get-machine.ts";
import { getMachineAction } from "./get-machine-action.ts";
import { isolateMachine } from "./isolate-machine.ts";
import { listInvestigations } from "./list-investigations.ts";
import { listLibraryFiles } from "./list-library-files.ts";
import { listLoggedOnUsers } from "./list-logged-on-users.ts";
import { listMachineActions } from "./list-machine-actions.ts";
import { offboardMachine } from "./offboard-machine.ts";
import { openTicket } from "./open-ticket.ts";
import { putLibraryFile } from "./put-library-file.ts";
import { readScriptTranscript } from "./read-script-transcript.ts";
import { releaseMachine } from "./release-machine.ts";
import { restrictCodeExecution } from "./restrict-code-execution.ts";
import { runAntiVirusScan } from "./run-anti-virus-scan.ts";
import { runLiveResponseScript } from "./run-live-response-script.ts";
import { startInvestigation } from "./start-investigation.ts";
import { stopAndQuarantineFile } from "./stop-and-quarantine-file.ts";
import { storeLiveResponseResult } from "./store-live-response-result.ts";
import { storePackage } from "./store-package.ts";
import { uncontainMachine } from "./uncontain-machine.ts";
import { unrestrictCodeExecution } from "./unrestrict-code-execution.ts";
import { updateAlert } from "./update-alert.ts";

export const activities: Activity[] = [
  addTicketNote,
  admitAlert,
  cancelMachineAction,
  collectInvestigationPackage,
  collectLiveResponseFile,
  containUnmanagedMachine,
  deleteLibraryFile,
  getAlert,
  getInvestigation,
  getMachine,
  getMachineAction,
  isolateMachine,
  listInvestigations,
  listLibraryFiles,
  listLoggedOnUsers,
  listMachineActions,
  offboardMachine,
  openTicket,
  putLibraryFile,
  readScriptTranscript,
  releaseMachine,
  restrictCodeExecution,
  runAntiVirusScan,
  runLiveResponseScript,
  startInvestigation,
  stopAndQuarantineFile,
  storeLiveResponseResult,
  storePackage,
  uncontainMachine,
  unrestrictCodeExecution,
  updateAlert,
];

import type { Activity } from "../../shared/playbook.ts";
import { addTicketNote } from "./add-ticket-note.ts";
import { admitAlert } from "./admit-alert.ts";
import { askQuestion } from "./ask-question.ts";
import { cancelMachineAction } from "./cancel-machine-action.ts";
import { closeCase } from "./close-case.ts";
import { collectInvestigationPackage } from "./collect-investigation-package.ts";
import { collectLiveResponseFile } from "./collect-live-response-file.ts";
import { commentOnAlerts } from "./comment-on-alerts.ts";
import { commentOnGraphAlert } from "./comment-on-graph-alert.ts";
import { commentOnIncident } from "./comment-on-incident.ts";
import { containUnmanagedMachine } from "./contain-unmanaged-machine.ts";
import { createAlert } from "./create-alert.ts";
import { deleteIndicator } from "./delete-indicator.ts";
import { deleteLibraryFile } from "./delete-library-file.ts";
import { endRun } from "./end-run.ts";
import { extendLease } from "./extend-lease.ts";
import { findMachinesByIp } from "./find-machines-by-ip.ts";
import { findMachinesByTag } from "./find-machines-by-tag.ts";
import { findRunsOfAlerts } from "./find-runs-of-alerts.ts";
import { getAlert } from "./get-alert.ts";
import { getAlertEvidence } from "./get-alert-evidence.ts";
import { getDomainStatistics } from "./get-domain-statistics.ts";
import { getFile } from "./get-file.ts";
import { getFileStatistics } from "./get-file-statistics.ts";
import { getGraphAlert } from "./get-graph-alert.ts";
import { getGraphUser } from "./get-graph-user.ts";
import { getIncident } from "./get-incident.ts";
import { getInvestigation } from "./get-investigation.ts";
import { getIpStatistics } from "./get-ip-statistics.ts";
import { getMachine } from "./get-machine.ts";
import { getMachineAction } from "./get-machine-action.ts";
import { importIndicators } from "./import-indicators.ts";
import { isolateMachine } from "./isolate-machine.ts";
import { listAlerts } from "./list-alerts.ts";
import { listDomainAlerts } from "./list-domain-alerts.ts";
import { listDomainMachines } from "./list-domain-machines.ts";
import { listFileAlerts } from "./list-file-alerts.ts";
import { listFileMachines } from "./list-file-machines.ts";
import { listIndicators } from "./list-indicators.ts";
import { listInvestigations } from "./list-investigations.ts";
import { listIpAlerts } from "./list-ip-alerts.ts";
import { listLibraryFiles } from "./list-library-files.ts";
import { listLoggedOnUsers } from "./list-logged-on-users.ts";
import { listMachineActions } from "./list-machine-actions.ts";
import { listMachineAlerts } from "./list-machine-alerts.ts";
import { listMachineRecommendations } from "./list-machine-recommendations.ts";
import { listMachineSoftware } from "./list-machine-software.ts";
import { listMachineVulnerabilities } from "./list-machine-vulnerabilities.ts";
import { listMissingUpdates } from "./list-missing-updates.ts";
import { listPendingContainments } from "./list-pending-containments.ts";
import { listUndoable } from "./list-undoable.ts";
import { listUserAlerts } from "./list-user-alerts.ts";
import { listUserMachines } from "./list-user-machines.ts";
import { listVulnerabilityMachines } from "./list-vulnerability-machines.ts";
import { lookAtMachineActions } from "./look-at-machine-actions.ts";
import { movePollMark } from "./move-poll-mark.ts";
import { notify } from "./notify.ts";
import { offboardMachine } from "./offboard-machine.ts";
import { openTicket } from "./open-ticket.ts";
import { putLibraryFile } from "./put-library-file.ts";
import { readIsolation } from "./read-isolation.ts";
import { readLease } from "./read-lease.ts";
import { readMachineFacts } from "./read-machine-facts.ts";
import { readRun } from "./read-run.ts";
import { readRuns } from "./read-runs.ts";
import { readScriptTranscript } from "./read-script-transcript.ts";
import { recordVerdict } from "./record-verdict.ts";
import { releaseMachine } from "./release-machine.ts";
import { remindApprovers } from "./remind-approvers.ts";
import { restrictCodeExecution } from "./restrict-code-execution.ts";
import { revokeSignInSessions } from "./revoke-sign-in-sessions.ts";
import { runAntiVirusScan } from "./run-anti-virus-scan.ts";
import { runHuntingQuery } from "./run-hunting-query.ts";
import { runLiveResponseScript } from "./run-live-response-script.ts";
import { setAlertVerdict } from "./set-alert-verdict.ts";
import { setDeviceValue } from "./set-device-value.ts";
import { setTicketStatus } from "./set-ticket-status.ts";
import { settleLease } from "./settle-lease.ts";
import { settleQuestion } from "./settle-question.ts";
import { settleRound } from "./settle-round.ts";
import { startBlockFile } from "./start-block-file.ts";
import { startContainments } from "./start-containments.ts";
import { startInvestigation } from "./start-investigation.ts";
import { startLease } from "./start-lease.ts";
import { startUndo } from "./start-undo.ts";
import { stopAndQuarantineFile } from "./stop-and-quarantine-file.ts";
import { storeLiveResponseResult } from "./store-live-response-result.ts";
import { storePackage } from "./store-package.ts";
import { submitIndicator } from "./submit-indicator.ts";
import { tagMachine } from "./tag-machine.ts";
import { takeInListedAlerts } from "./take-in-listed-alerts.ts";
import { takeJoinedAlerts } from "./take-joined-alerts.ts";
import { uncontainMachine } from "./uncontain-machine.ts";
import { unrestrictCodeExecution } from "./unrestrict-code-execution.ts";
import { untagMachine } from "./untag-machine.ts";
import { updateAlert } from "./update-alert.ts";
import { updateIncident } from "./update-incident.ts";
import { waitForAnswer } from "./wait-for-answer.ts";
import { waitForLease } from "./wait-for-lease.ts";
import { watchMachineAction } from "./watch-machine-action.ts";

export const activities: Activity[] = [
  addTicketNote,
  admitAlert,
  askQuestion,
  cancelMachineAction,
  closeCase,
  collectInvestigationPackage,
  collectLiveResponseFile,
  commentOnAlerts,
  commentOnGraphAlert,
  commentOnIncident,
  containUnmanagedMachine,
  createAlert,
  deleteIndicator,
  deleteLibraryFile,
  endRun,
  extendLease,
  findMachinesByIp,
  findMachinesByTag,
  findRunsOfAlerts,
  getAlert,
  getAlertEvidence,
  getDomainStatistics,
  getFile,
  getFileStatistics,
  getGraphAlert,
  getGraphUser,
  getIncident,
  getInvestigation,
  getIpStatistics,
  getMachine,
  getMachineAction,
  importIndicators,
  isolateMachine,
  listAlerts,
  listDomainAlerts,
  listDomainMachines,
  listFileAlerts,
  listFileMachines,
  listIndicators,
  listInvestigations,
  listIpAlerts,
  listLibraryFiles,
  listLoggedOnUsers,
  listMachineActions,
  listMachineAlerts,
  listMachineRecommendations,
  listMachineSoftware,
  listMachineVulnerabilities,
  listMissingUpdates,
  listPendingContainments,
  listUndoable,
  listUserAlerts,
  listUserMachines,
  listVulnerabilityMachines,
  lookAtMachineActions,
  movePollMark,
  notify,
  offboardMachine,
  openTicket,
  putLibraryFile,
  readIsolation,
  readLease,
  readMachineFacts,
  readRun,
  readRuns,
  readScriptTranscript,
  recordVerdict,
  releaseMachine,
  remindApprovers,
  restrictCodeExecution,
  revokeSignInSessions,
  runAntiVirusScan,
  runHuntingQuery,
  runLiveResponseScript,
  setAlertVerdict,
  setDeviceValue,
  setTicketStatus,
  settleLease,
  settleQuestion,
  settleRound,
  startBlockFile,
  startContainments,
  startInvestigation,
  startLease,
  startUndo,
  stopAndQuarantineFile,
  storeLiveResponseResult,
  storePackage,
  submitIndicator,
  tagMachine,
  takeInListedAlerts,
  takeJoinedAlerts,
  uncontainMachine,
  unrestrictCodeExecution,
  untagMachine,
  updateAlert,
  updateIncident,
  waitForAnswer,
  waitForLease,
  watchMachineAction,
];

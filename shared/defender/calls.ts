import { alertCalls } from "./alerts/calls.ts";
import { antivirusHealthCalls } from "./antivirus-health/calls.ts";
import { authenticatedScanCalls } from "./authenticated-scans/calls.ts";
import { baselineCalls } from "./baselines/calls.ts";
import { browserExtensionCalls } from "./browser-extensions/calls.ts";
import type { Call } from "./call.ts";
import { domainCalls } from "./domains/calls.ts";
import { fileExportCalls, pagedExportCalls } from "./exports/calls.ts";
import { fileCalls } from "./files/calls.ts";
import { graphAlertCalls } from "./graph-alerts/calls.ts";
import { graphIncidentCalls } from "./graph-incidents/calls.ts";
import { graphUserCalls } from "./graph-users/calls.ts";
import { huntingCalls } from "./hunting/calls.ts";
import { indicatorCalls } from "./indicators/calls.ts";
import { investigationCalls } from "./investigations/calls.ts";
import { ipCalls } from "./ips/calls.ts";
import { libraryFileCalls } from "./library-files/calls.ts";
import { liveResponseCalls } from "./live-response/calls.ts";
import { machineActionCalls } from "./machine-actions/calls.ts";
import { machineCalls } from "./machines/calls.ts";
import { recommendationCalls } from "./recommendations/calls.ts";
import { remediationTaskCalls } from "./remediation-tasks/calls.ts";
import { scoreCalls } from "./scores/calls.ts";
import { softwareCalls } from "./software/calls.ts";
import { userCalls } from "./users/calls.ts";
import { vulnerabilityCalls } from "./vulnerabilities/calls.ts";
import { xdrIncidentCalls } from "./xdr-incidents/calls.ts";

/** Every call the client can make, for the documentation and for the tests that look at all of them. */
export const defenderCalls: readonly Call[] = [
  alertCalls,
  antivirusHealthCalls,
  authenticatedScanCalls,
  baselineCalls,
  browserExtensionCalls,
  domainCalls,
  fileCalls,
  fileExportCalls,
  graphAlertCalls,
  graphIncidentCalls,
  graphUserCalls,
  huntingCalls,
  indicatorCalls,
  investigationCalls,
  ipCalls,
  libraryFileCalls,
  liveResponseCalls,
  machineActionCalls,
  machineCalls,
  pagedExportCalls,
  recommendationCalls,
  remediationTaskCalls,
  scoreCalls,
  softwareCalls,
  userCalls,
  vulnerabilityCalls,
  xdrIncidentCalls,
].flatMap((calls) => Object.values(calls));

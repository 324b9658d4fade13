import { createAlerts } from "./alerts/client.ts";
import { createAntivirusHealth } from "./antivirus-health/client.ts";
import { createAuthenticatedScans } from "./authenticated-scans/client.ts";
import { createBaselines } from "./baselines/client.ts";
import { createBrowserExtensions } from "./browser-extensions/client.ts";
import { createDomains } from "./domains/client.ts";
import { createExports } from "./exports/client.ts";
import { createFiles } from "./files/client.ts";
import { createGraphAlerts } from "./graph-alerts/client.ts";
import { createGraphIncidents } from "./graph-incidents/client.ts";
import { createGraphUsers } from "./graph-users/client.ts";
import { createHunting } from "./hunting/client.ts";
import { createIndicators } from "./indicators/client.ts";
import { createInvestigations } from "./investigations/client.ts";
import { createIps } from "./ips/client.ts";
import { createLibraryFiles } from "./library-files/client.ts";
import { createLiveResponse } from "./live-response/client.ts";
import { createMachineActions } from "./machine-actions/client.ts";
import { type Clock, createListPace } from "./machine-actions/list-pace.ts";
import { createMachines } from "./machines/client.ts";
import { createRecommendations } from "./recommendations/client.ts";
import { createRemediationTasks } from "./remediation-tasks/client.ts";
import { createScores } from "./scores/client.ts";
import { createSend, type DefenderOptions } from "./send.ts";
import { createSoftware } from "./software/client.ts";
import { createUsers } from "./users/client.ts";
import { createVulnerabilities } from "./vulnerabilities/client.ts";
import { createXdrIncidents } from "./xdr-incidents/client.ts";

export type DefenderClient = ReturnType<typeof createDefenderClient>;

interface ClientOptions extends DefenderOptions {
  /** The share of Defender's limits that look-ups of machine actions may use. @default 1 */
  limitScale?: number;
  /** What those look-ups are spaced by. @default the real time */
  clock?: Clock;
}

/**
 * Everything of Defender's interfaces, by resource.
 *
 * Ids are checked before they get here; every value is encoded on its way into an address or a filter.
 *
 * @throws SignInError, DefenderRefusedError, DefenderThrottledError or DefenderUnavailableError, from every method
 */
export function createDefenderClient(options: ClientOptions) {
  const send = createSend(options);
  return {
    alerts: createAlerts(send),
    antivirusHealth: createAntivirusHealth(send),
    authenticatedScans: createAuthenticatedScans(send),
    baselines: createBaselines(send),
    browserExtensions: createBrowserExtensions(send),
    domains: createDomains(send),
    exports: createExports(send),
    files: createFiles(send),
    graphAlerts: createGraphAlerts(send),
    graphIncidents: createGraphIncidents(send),
    graphUsers: createGraphUsers(send),
    hunting: createHunting(send, options.hunting ?? "graph"),
    indicators: createIndicators(send),
    investigations: createInvestigations(send),
    ips: createIps(send),
    libraryFiles: createLibraryFiles(send),
    liveResponse: createLiveResponse(send),
    machineActions: createMachineActions(send, createListPace(options)),
    machines: createMachines(send),
    recommendations: createRecommendations(send),
    remediationTasks: createRemediationTasks(send),
    scores: createScores(send),
    software: createSoftware(send),
    users: createUsers(send),
    vulnerabilities: createVulnerabilities(send),
    xdrIncidents: createXdrIncidents(send),
  };
}

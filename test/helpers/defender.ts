import type { z } from "zod";
import { createSimulatorControl } from "../../local/defender/control-client.ts";
import { startDefender } from "../../local/defender/server.ts";
import type { SettingsChanges } from "../../local/defender/state/settings.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { policyStateInMemory } from "../../local/virtual-app.ts";
import type { AuditEntry } from "../../shared/audit/audit-log.ts";
import { defenderCalls } from "../../shared/defender/calls.ts";
import { createDefenderClient } from "../../shared/defender/client.ts";
import type { DefenderOptions } from "../../shared/defender/send.ts";
import type { Activity } from "../../shared/playbook.ts";
import { performUnderPolicy } from "../../shared/policy/perform-under-policy.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";
import { createTableUndoLog } from "../../shared/undo/undo-log.ts";

/** What the reference tells people to grant: of each call the permission it names first, and no other. */
const namedRoles = [...new Set(defenderCalls.flatMap(({ permissions: [first = ""] }) => first))];

/**
 * The real client against the Defender simulator, with its clock in the test's hands, and what is recorded on the way.
 * `perform` runs an activity as a run does: under the policy.
 */
export async function simulatedDefender(
  settings: SettingsChanges = {},
  options: Pick<DefenderOptions, "hunting"> = {},
) {
  const running = await startDefender({ settings: { throttling: false, ...settings } });
  const services = {
    defender: { apiUrl: running.apiUrl, scope: "https://api.securitycenter.microsoft.com/.default" },
    xdr: { apiUrl: running.apiUrl, scope: "https://api.security.microsoft.com/.default" },
    graph: { apiUrl: `${running.apiUrl}/graph`, scope: "https://graph.microsoft.com/.default" },
  };
  const credential = {
    getToken: async (scope: string | string[]) => ({
      token: running.issueToken({ audience: String(scope).replace("/.default", ""), roles: namedRoles }),
      expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
    }),
  };
  const defender = createDefenderClient({
    // Nothing is throttled here: steps need not share what they look up.
    limitScale: 1_000,
    services,
    credential,
    timeoutMs: 2_000,
    ...options,
  });
  const audit: AuditEntry[] = [];
  let policy = Policy.parse({ criticalAssets: { tags: ["critical-asset"] } });
  const started: { playbook: string; input: unknown }[] = [];
  const reached: Pick<Services, "defender" | "audit" | "policy" | "policyState" | "undo" | "runs"> = {
    defender,
    policy: () => policy,
    policyState: policyStateInMemory(),
    undo: createTableUndoLog(rowsInMemory()),
    runs: {
      async startOnce(playbook, _, input) {
        started.push({ playbook, input });
        return "started";
      },
      stateOf: async () => "absent",
      tell: async () => undefined,
      look: async () => ({ state: "absent" }),
      cancel: async () => undefined,
    },
    audit: { record: async (entry) => void audit.push(entry), ofRun: async () => [] },
  };
  return {
    ...running,
    ...reached,
    auditTrail: audit,
    started,
    setPolicy(changes: z.input<typeof Policy>) {
      policy = Policy.parse(changes);
    },
    simulator: createSimulatorControl(running.apiUrl),
    perform: (activity: Activity, input: unknown, runId = "run-1") =>
      performUnderPolicy(activity, input, reached as Services, { runId }),
    [Symbol.asyncDispose]: () => running.close(),
  };
}

import { newestVersion } from "../../functions/durable/newest-version.ts";
import { earlierVersions, playbooks } from "../../functions/playbooks/index.ts";
import { createRunControl } from "../../functions/run-control.ts";
import { virtualClock } from "../../local/host/durable/virtual-clock.ts";
import { policyStateInMemory, startVirtualApp } from "../../local/virtual-app.ts";
import { virtualStores } from "../../local/virtual-stores.ts";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { AutomationRule } from "../../shared/rules/automation-rule.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";

export const RUN_ID = `run-${"1".padStart(40, "0")}`;
export const HOUR_MS = 3_600_000;
const MOST_MS = 20 * 24 * HOUR_MS;

export type World = Awaited<ReturnType<typeof startWorld>>;

/** The whole app in virtual time, with one device and one alert about it, for runs worth remembering. */
export async function startWorld(connectionString: string) {
  const clock = virtualClock();
  let policy = Policy.parse({});
  let rules: AutomationRule[] = [];
  const stores = virtualStores(connectionString, clock, () => rules);
  const policyState = policyStateInMemory(() => clock.now().getTime());
  const services = { ...stores, policyState, policy: () => policy };
  const app = await startVirtualApp([...playbooks, ...earlierVersions], { clock, services });
  await app.simulator.addMachine({ id: MACHINE_ID });
  await app.simulator.addAlert({ id: ALERT_ID, machineId: MACHINE_ID, severity: "High", incidentId: 7 });
  const runs = createRunControl(app.client);
  const statusOf = async (runId: string) => (await app.client.getStatus(runId)).runtimeStatus as string;

  return {
    ...app,
    services,
    runs,
    usePolicy(changes: object): void {
      policy = Policy.parse(changes);
    },
    useRule(rule: object): void {
      rules = [AutomationRule.parse({ name: "a rule", ...rule })];
    },
    useRules(all: AutomationRule[]): void {
      rules = all;
    },
    start: (playbook: string, input: object, runId = RUN_ID) => runs.startOnce(playbook, runId, input),
    takeIn: (facts: object) =>
      stores.takeInWith(runs)({
        alerts: [AlertFacts.parse({ tenantId: "t-1", alertId: ALERT_ID, machineIds: [MACHINE_ID], ...facts })],
        rejected: [],
      }),
    until: (holds: () => boolean | Promise<boolean>) => app.passTime(holds, MOST_MS),
    pass: (ms: number) => {
      const end = clock.now().getTime() + ms;
      return app.passTime(() => clock.now().getTime() >= end, ms);
    },
    saysOfItself: async (runId: string) =>
      ((await app.client.getStatus(runId)).customStatus as { progress?: string } | null)?.progress ?? "",
    /** The runs of the newest version of a playbook, the first one first. */
    async runsOf(playbook: string): Promise<string[]> {
      const all = await app.client.getStatusAll();
      return all.filter(({ name }) => name === newestVersion(playbook)).map(({ instanceId }) => instanceId);
    },
    ended: (runId = RUN_ID) =>
      app.passTime(async () => !["Pending", "Running"].includes(await statusOf(runId)), MOST_MS),
    statusOf,
  };
}

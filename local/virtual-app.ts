import { setTimeout } from "node:timers/promises";
import { activities } from "../functions/activities/index.ts";
import { registerCallQuota } from "../functions/durable/call-quota.ts";
import { registerMachineActionWatcher } from "../functions/durable/machine-action-watcher.ts";
import { registerMachineTurns } from "../functions/durable/machine-turns.ts";
import { registerActivity, registerPlaybooks } from "../functions/durable/register.ts";
import type { AuditEntry } from "../shared/audit/audit-log.ts";
import { createDefenderClient } from "../shared/defender/client.ts";
import { createTableLeaseStore } from "../shared/leases/lease-store.ts";
import type { Channel } from "../shared/notifications/channel.ts";
import { createNotifier } from "../shared/notifications/notifier.ts";
import { createTableSentLog } from "../shared/notifications/sent-log.ts";
import type { Activity, Playbook } from "../shared/playbook.ts";
import { Policy } from "../shared/policy/policy.ts";
import type { PolicyState } from "../shared/policy/policy-state.ts";
import { createTablePolicyState } from "../shared/policy/table-policy-state.ts";
import type { Services } from "../shared/services.ts";
import { createTableUndoLog } from "../shared/undo/undo-log.ts";
import { type Watch, type WatchStore, watchKey } from "../shared/watches/watch.ts";
import { createSimulatorControl } from "./defender/control-client.ts";
import { startDefender } from "./defender/server.ts";
import type { SettingsChanges } from "./defender/state/settings.ts";
import { type VirtualClock, virtualClock } from "./host/durable/virtual-clock.ts";
import { rowsInMemory } from "./rows-in-memory.ts";
import { startVirtualHost } from "./virtual-host.ts";

/** No caps: what is measured are Defender's limits. */
const WIDE = Policy.parse({ caps: { machinesPerHour: 1_000_000 } });

export type VirtualApp = Awaited<ReturnType<typeof startVirtualApp>>;

/** The moment before an activity does anything, or after it has had its effect and before that is written down. */
export interface StepMoment {
  moment: "begins" | "ended";
  activity: string;
  runId: string;
}

/**
 * The app's own steps, limits, turns and watcher on the durable engine, against the Defender simulator, both in one
 * virtual time: days of waiting pass in a moment, and every limit is Defender's own.
 *
 * @param playbooks what can be started, in all their versions
 * @param channels over which people are told
 * @param onStep is told of every activity; what it waits for holds the activity up
 */
export async function startVirtualApp(
  playbooks: readonly Playbook[],
  {
    settings = {},
    services = {},
    channels = [],
    clock = virtualClock(),
    onStep = async () => {},
  }: {
    settings?: SettingsChanges;
    services?: Partial<Services>;
    channels?: readonly Channel[];
    clock?: VirtualClock;
    onStep?: (step: StepMoment) => Promise<void>;
  } = {},
) {
  const pause = untilQuiet(onStep);
  const running = await startDefender({ settings, clock: () => clock.now().getTime() });
  const audit: AuditEntry[] = [];
  const reached = {
    defender: clientOf(running, clock, pause.wait),
    policy: () => WIDE,
    policyState: policyStateInMemory(() => clock.now().getTime()),
    audit: {
      record: async (entry: AuditEntry) => void audit.push(entry),
      ofRun: async (runId: string) => audit.filter((entry) => entry.runId === runId),
    },
    watches: watchesInMemory(),
    tenantId: running.tenantId,
    leases: createTableLeaseStore(rowsInMemory(), running.tenantId, () => clock.now().getTime()),
    undo: createTableUndoLog(rowsInMemory()),
    notifier: createNotifier({
      channels: () => channels,
      sent: createTableSentLog(rowsInMemory()),
      audit: { record: async (entry) => void audit.push(entry) },
    }),
    ...services,
  } as Services;
  const now = () => clock.now().getTime();
  const setting = { tenantId: running.tenantId, limitScale: 1 };
  const registering = (playbooks: readonly Playbook[]) => () => {
    for (const activity of activities) registerActivity(pause.watched(activity), reached, { ...setting, now });
    registerPlaybooks(playbooks, setting);
    registerCallQuota(setting);
    registerMachineTurns();
    registerMachineActionWatcher(setting);
  };
  const host = await startVirtualHost(registering(playbooks), clock);

  return {
    ...host,
    /** As that of the host, with other versions of playbooks where some are given. */
    restart: (others?: readonly Playbook[]) => host.restart(others && registering(others)),
    audit,
    defender: running,
    simulator: createSimulatorControl(running.apiUrl),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await running.close();
    },
  };
}

/**
 * Virtual time stands still while a step is performed. A pause inside a step lasts until no further step begins: all that
 * would have come in a moment is there by then, however slow the machine.
 */
function untilQuiet(onStep: (step: StepMoment) => Promise<void>) {
  let begun = 0;
  return {
    watched: (activity: Activity): Activity => ({
      ...activity,
      async perform(input, services, asking) {
        begun++;
        const about = { activity: activity.name, runId: asking.runId };
        await onStep({ moment: "begins", ...about });
        const output = await activity.perform(input, services, asking);
        await onStep({ moment: "ended", ...about });
        return output;
      },
    }),
    async wait(): Promise<void> {
      for (let before = -1; before !== begun; ) {
        before = begun;
        await setTimeout(QUIET_MS);
      }
    },
  };
}

const QUIET_MS = 100;

/** The real client, with tokens that outlast every virtual day. */
function clientOf(
  running: Awaited<ReturnType<typeof startDefender>>,
  { now }: VirtualClock,
  wait: () => Promise<void>,
): Services["defender"] {
  const { apiUrl } = running;
  const lifetimeSeconds = 10 * 365 * 86_400;
  return createDefenderClient({
    services: {
      defender: { apiUrl, scope: "https://api.securitycenter.microsoft.com/.default" },
      xdr: { apiUrl, scope: "https://api.security.microsoft.com/.default" },
      graph: { apiUrl: `${apiUrl}/graph`, scope: "https://graph.microsoft.com/.default" },
    },
    clock: { now: () => now().getTime(), wait },
    credential: {
      getToken: async (scope) => ({
        token: running.issueToken({ audience: String(scope).replace("/.default", ""), lifetimeSeconds }),
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
  });
}

/** The waiting runs, gone with the process. */
export function watchesInMemory(): WatchStore {
  const waiting = new Map<string, Watch>();
  return {
    add: async (watch) => void waiting.set(watchKey(watch), watch),
    all: async () => [...waiting.values()],
    remove: async (watch) => void waiting.delete(watchKey(watch)),
  };
}

/** What the gate remembers, gone with the process. */
export const policyStateInMemory = (now?: () => number): PolicyState =>
  createTablePolicyState(rowsInMemory(), "in-memory", now);

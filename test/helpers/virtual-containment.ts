import { activities } from "../../functions/activities/index.ts";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { holdIsolation } from "../../functions/playbooks/hold-isolation.ts";
import { undoRunWith } from "../../functions/playbooks/undo-run.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { startVirtualApp } from "../../local/virtual-app.ts";
import { createTableLeaseStore } from "../../shared/leases/lease-store.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";
import { ALERT_ID, MACHINE_ID } from "./builders.ts";

export const CONTAINMENT_ID = `run-${"1".padStart(40, "0")}`;

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Containments, their ends and their undoing in virtual time, with what people read on ticket and alert.
 *
 * @param own services in the place of those of the test, by the clock of the app
 */
export async function startContainments(policy: object = {}, own: (now: () => Date) => Partial<Services> = () => ({})) {
  const notes: string[] = [];
  const ticket = { id: "SEC-1" };
  let now = () => 0;
  const leases = createTableLeaseStore(rowsInMemory(), "t-1", () => now());
  const services = {
    leases,
    tickets: {
      open: async () => ({ ...ticket, description: "" }),
      addNote: async (_: string, { text }: { text: string }) => {
        notes.push(text);
        return ticket;
      },
      get: async () => undefined,
    },
    evidence: {
      find: async () => undefined,
      store: async () => ({ container: "e", name: "p", bytes: 1, sha256: "ab" }),
    },
    cases: { join: async () => ({}), alertsOf: async () => [], close: async () => ({ isClosed: true }) },
    policy: () => Policy.parse(policy),
    ...own(() => new Date(now())),
  } as unknown as Partial<Services>;
  const app = await startVirtualApp([containDevice, holdIsolation, undoRunWith(activities)], { services });
  const startedAt = app.clock.now().getTime();
  now = () => app.clock.now().getTime();
  await app.simulator.addMachine({ id: MACHINE_ID });
  await app.simulator.addAlert({ id: ALERT_ID, machineId: MACHINE_ID });

  return {
    ...app,
    leases,
    notes,
    start: (playbook: string, instanceId: string, input: object) =>
      app.client.startNew(playbook, { instanceId, input }),
    contain: (input: object = {}) =>
      app.client.startNew(containDevice.name, {
        instanceId: CONTAINMENT_ID,
        input: { alertId: ALERT_ID, machineId: MACHINE_ID, joinMinutes: 0, ...input },
      }),
    statusOf: async (runId: string) => (await app.client.getStatus(runId)).runtimeStatus as string,
    outputOf: async (runId: string) => (await app.client.getStatus(runId)).output as Record<string, unknown>,
    /** What the alert says, the first comment first. */
    comments: async () => {
      const entries = await app.simulator.journal({ method: "PATCH", path: "/api/alerts/*" });
      return entries.map(({ body }) => String((body as { comment?: unknown } | undefined)?.comment));
    },
    hours: () => (app.clock.now().getTime() - startedAt) / HOUR_MS,
    isIsolated: async () => (await app.simulator.machine(MACHINE_ID)).isolation !== null,
  };
}

import type { z } from "zod";
import { Machine, type MachineId } from "../defender/machines/machine.ts";
import type { LazyTable } from "../storage/lazy-table.ts";

/** What automation rules look at in a machine. */
export const MachineFacts = Machine.pick({
  id: true,
  computerDnsName: true,
  osPlatform: true,
  deviceValue: true,
  machineTags: true,
  rbacGroupName: true,
}).strip();
export type MachineFacts = z.infer<typeof MachineFacts>;

/** Machines as they were read a short while ago, so that a storm of alerts on a few of them reads each only now and then. */
export interface KnownMachines {
  /** Nothing where it was not read lately. */
  find(tenantId: string, machineId: MachineId): Promise<MachineFacts | undefined>;
  keep(tenantId: string, machine: MachineFacts): Promise<void>;
}

/** A tag or group that somebody changes counts for automation rules after so long. The policy reads each machine afresh. */
const FRESH_MS = 5 * 60_000;

export function createTableKnownMachines(table: LazyTable, now: () => number = Date.now): KnownMachines {
  return {
    async find(tenantId, machineId) {
      const row = await table.get<{ facts: string; readAt: number }>(tenantId, machineId);
      return row && now() - row.readAt < FRESH_MS ? MachineFacts.parse(JSON.parse(row.facts)) : undefined;
    },
    async keep(tenantId, machine) {
      const facts = JSON.stringify(MachineFacts.parse(machine));
      await table.upsert({ partitionKey: tenantId, rowKey: machine.id, facts, readAt: now() });
    },
  };
}

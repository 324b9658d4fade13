import type { MachineActionId } from "../defender/machine-actions/machine-action.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import type { WatchStore } from "./watch.ts";

/** The waiting runs in table storage, one partition per tenant. */
export function createTableWatchStore(table: LazyTable, tenantId: string): WatchStore {
  const rowKeyOf = (runId: string, machineActionId: MachineActionId) => `${machineActionId}|${runId}`;
  return {
    async add({ runId, machineActionId, event, since }) {
      const rowKey = rowKeyOf(runId, machineActionId);
      await table.upsert({ partitionKey: tenantId, rowKey, runId, machineActionId, event, since });
    },
    async all() {
      const rows = await table.ofPartition<Record<"runId" | "event" | "since" | "machineActionId", string>>(tenantId);
      return rows.map(({ runId, event, since, machineActionId }) => {
        return { runId, event, since, machineActionId: machineActionId as MachineActionId };
      });
    },
    remove: ({ runId, machineActionId }) => table.remove(tenantId, rowKeyOf(runId, machineActionId)),
  };
}

import { z } from "zod";
import { MachineActionId } from "../defender/machine-actions/machine-action.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { type WatchStore, watchKey } from "./watch.ts";

const Row = z.object({
  runId: z.string().min(1),
  machineActionId: MachineActionId,
  event: z.string().min(1),
  since: z.string().catch(""),
});

/** The waiting runs in table storage, one partition per tenant. */
export function createTableWatchStore(table: LazyTable, tenantId: string): WatchStore {
  return {
    async add(watch) {
      const { runId, machineActionId, event, since } = watch;
      await table.upsert({ partitionKey: tenantId, rowKey: watchKey(watch), runId, machineActionId, event, since });
    },
    async all() {
      const rows = await table.ofPartition(tenantId);
      // A row that names no run or no event is nobody's wait.
      return rows.flatMap((row) => Row.safeParse(row).data ?? []);
    },
    remove: (watch) => table.remove(tenantId, watchKey(watch)),
  };
}

import type { DefenderClient } from "../../shared/defender/client.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import type { Machine, MachineId } from "../../shared/defender/machines/machine.ts";
import { and, ge, instant, lt } from "../../shared/defender/odata/filter.ts";
import { nextSlice, PAGE_ROWS, type Slice } from "../../shared/sources/alert-poll/slices.ts";
import { type AlertFile, readApiAlerts } from "./read-alert-file.ts";

/**
 * Reads the alerts that were created in some time, with their evidence.
 *
 * @param tenantId of those that do not name theirs
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts - 100 calls a minute, 1,500 an hour
 */
export async function readCreatedAlerts(
  defender: Pick<DefenderClient, "alerts">,
  { from, to, tenantId }: { from: Date; to: Date; tenantId: string },
): Promise<AlertFile> {
  const rows: unknown[] = [];
  const time = (at: number) => instant(new Date(at).toISOString());
  const end = to.getTime();
  let slice: Slice | undefined = { from: from.getTime(), before: end, skip: 0 };
  while (slice) {
    const { from, before, skip }: Slice = slice;
    const filter = and(ge("alertCreationTime", time(from)), lt("alertCreationTime", time(before)));
    const page: unknown[] = await defender.alerts.page({ filter, expand: "evidence" }, { top: PAGE_ROWS, skip });
    rows.push(...page);
    slice = nextSlice(slice, page.length >= PAGE_ROWS, end);
  }
  return readApiAlerts(rows, "Defender", tenantId);
}

/** Reads machines by their ids, one after the other; those that are gone are left out. */
export async function readMachines(
  defender: Pick<DefenderClient, "machines">,
  ids: Iterable<MachineId>,
): Promise<ReadonlyMap<string, Machine>> {
  const machines = new Map<string, Machine>();
  for (const id of new Set(ids)) {
    const machine = await nullIfNotFound(defender.machines.get(id));
    if (machine) machines.set(id, machine);
  }
  return machines;
}

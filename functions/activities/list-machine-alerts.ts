import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { eq } from "../../shared/defender/odata/filter.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists the alerts of a machine, newest first.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-related-alerts - 100 calls a minute, 1,500 an hour
 */
export const listMachineAlerts = defineListing({
  name: "listMachineAlerts",
  summary: "Lists the alerts of a machine, newest first.",
  calls: [machineCalls.alerts],
  input: z.object({
    machineId: MachineId,
    status: z.enum(["New", "InProgress", "Resolved"]).optional().describe("Only alerts of this status"),
  }),
  row: ListedAlert,
  list: ({ machineId, status }, { machines }, atMost) =>
    machines.alerts(machineId, { atMost, ...(status && { filter: eq("status", status) }) }),
});

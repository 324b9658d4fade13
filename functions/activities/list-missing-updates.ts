import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { MissingUpdate } from "../../shared/defender/software/missing-update.ts";
import { defineListing } from "./listing.ts";

/**
 * Lists the security updates a machine lacks.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-missing-kbs-machine
 */
export const listMissingUpdates = defineListing({
  name: "listMissingUpdates",
  summary: "Lists the security updates a machine lacks.",
  calls: [machineCalls.missingUpdates],
  input: z.object({ machineId: MachineId }),
  row: MissingUpdate.strip(),
  list: ({ machineId }, { machines }) => machines.missingUpdates(machineId),
});

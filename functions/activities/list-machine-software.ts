import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { Software } from "../../shared/defender/software/software.ts";
import { defineListing } from "./listing.ts";

/**
 * Lists the software installed on a machine.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-installed-software
 */
export const listMachineSoftware = defineListing({
  name: "listMachineSoftware",
  summary: "Lists the software installed on a machine.",
  calls: [machineCalls.software],
  input: z.object({ machineId: MachineId }),
  row: Software.strip(),
  list: ({ machineId }, { machines }) => machines.software(machineId),
});

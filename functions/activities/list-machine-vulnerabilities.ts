import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { Vulnerability } from "../../shared/defender/vulnerabilities/vulnerability.ts";
import { defineListing } from "./listing.ts";

/**
 * Lists the vulnerabilities of a machine.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-discovered-vulnerabilities - 50 calls a minute, 1,500 an hour
 */
export const listMachineVulnerabilities = defineListing({
  name: "listMachineVulnerabilities",
  summary: "Lists the vulnerabilities of a machine.",
  calls: [machineCalls.vulnerabilities],
  input: z.object({ machineId: MachineId }),
  row: Vulnerability.pick({
    id: true,
    severity: true,
    cvssV3: true,
    publishedOn: true,
    publicExploit: true,
    exploitVerified: true,
    exploitInKit: true,
    exposedMachines: true,
  }).strip(),
  list: ({ machineId }, { machines }) => machines.vulnerabilities(machineId),
});

import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { Recommendation } from "../../shared/defender/recommendations/recommendation.ts";
import { defineListing } from "./listing.ts";

/**
 * Lists what would make a machine safer.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-security-recommendations
 */
export const listMachineRecommendations = defineListing({
  name: "listMachineRecommendations",
  summary: "Lists what would make a machine safer.",
  calls: [machineCalls.recommendations],
  input: z.object({ machineId: MachineId }),
  row: Recommendation.pick({
    id: true,
    recommendationName: true,
    productName: true,
    vendor: true,
    recommendedVersion: true,
    remediationType: true,
    severityScore: true,
    publicExploit: true,
    activeAlert: true,
    status: true,
  }).strip(),
  list: ({ machineId }, { machines }) => machines.recommendations(machineId),
});

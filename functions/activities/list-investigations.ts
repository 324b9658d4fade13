import { z } from "zod";
import { investigationCalls } from "../../shared/defender/investigations/calls.ts";
import { Investigation } from "../../shared/defender/investigations/investigation.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { eq } from "../../shared/defender/odata/filter.ts";
import { allOf } from "../../shared/defender/odata/list.ts";
import { defineActivity } from "../../shared/playbook.ts";

const MOST_INVESTIGATIONS = 100;

/**
 * Lists the automated investigations of a machine: 100 at most, as Defender sorts them.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-investigation-collection - 100 calls a minute, 1,500 an hour
 */
export const listInvestigations = defineActivity({
  name: "listInvestigations",
  summary: "Lists the automated investigations of a machine, at most 100.",
  effect: "read",
  calls: [investigationCalls.list],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: z.array(Investigation.strip()),
  perform: ({ machineId }, { defender: { investigations } }) =>
    allOf(investigations.list({ filter: eq("machineId", machineId), atMost: MOST_INVESTIGATIONS })),
});

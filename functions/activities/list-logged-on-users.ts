import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { User } from "../../shared/defender/users/user.ts";
import { defineActivity } from "../../shared/playbook.ts";

const MOST_USERS = 50;

/**
 * Lists the accounts seen on a machine, at most 50.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when the machine is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-log-on-users - 100 calls a minute, 1,500 an hour
 */
export const listLoggedOnUsers = defineActivity({
  name: "listLoggedOnUsers",
  summary: "Lists the accounts seen on a machine, at most 50.",
  effect: "read",
  calls: [machineCalls.loggedOnUsers],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: z.array(User.strip()),
  perform: async ({ machineId }, { defender }) =>
    (await defender.machines.loggedOnUsers(machineId)).slice(0, MOST_USERS),
});

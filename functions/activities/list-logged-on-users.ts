import { z } from "zod";
import { MachineId } from "../../shared/defender/machine.ts";
import { LoggedOnUser } from "../../shared/defender/user.ts";
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
  effect: "read",
  permissions: ["User.Read.All"],
  quota: "logonUsers",
  input: z.object({ machineId: MachineId }),
  output: z.array(LoggedOnUser),
  perform: async ({ machineId }, { defender }) =>
    (await defender.machines.loggedOnUsers(machineId)).slice(0, MOST_USERS),
});

import { z } from "zod";
import { Alert, type AlertId } from "./alert.ts";
import { createDefenderRequest, type DefenderOptions } from "./http.ts";
import { Machine, type MachineId } from "./machine.ts";
import { type IsolationType, MachineAction, type MachineActionId } from "./machine-action.ts";
import { LoggedOnUser } from "./user.ts";

export type DefenderClient = ReturnType<typeof createDefenderClient>;

/** What an alert update may change. `comment` is added to the alert's comments. */
export interface AlertUpdate {
  status?: "New" | "InProgress" | "Resolved";
  comment?: string;
}

/**
 * The calls to Defender that playbooks use.
 *
 * Every method throws `DefenderRefusedError` or `DefenderUnavailableError`; ids are checked before they get here, as
 * they become part of paths and filters.
 */
export function createDefenderClient(options: DefenderOptions) {
  const request = createDefenderRequest(options);
  const listOf = <T extends z.ZodType>(item: T) => z.object({ value: z.array(item) });
  const act = (id: MachineId, action: string, body: object) =>
    request({ method: "POST", path: `/api/machines/${id}/${action}`, body, answer: MachineAction });

  return {
    alerts: {
      get: (id: AlertId) => request({ method: "GET", path: `/api/alerts/${id}`, answer: Alert }),
      update: (id: AlertId, update: AlertUpdate) =>
        request({ method: "PATCH", path: `/api/alerts/${id}`, body: update, answer: Alert }),
    },
    machines: {
      get: (id: MachineId) => request({ method: "GET", path: `/api/machines/${id}`, answer: Machine }),
      loggedOnUsers: async (id: MachineId): Promise<LoggedOnUser[]> => {
        const path = `/api/machines/${id}/logonusers`;
        return (await request({ method: "GET", path, answer: listOf(LoggedOnUser) })).value;
      },
      isolate: (id: MachineId, { comment, isolationType }: { comment: string; isolationType: IsolationType }) =>
        act(id, "isolate", { Comment: comment, IsolationType: isolationType }),
      collectInvestigationPackage: (id: MachineId, { comment }: { comment: string }) =>
        act(id, "collectInvestigationPackage", { Comment: comment }),
    },
    machineActions: {
      get: (id: MachineActionId) =>
        request({ method: "GET", path: `/api/machineactions/${id}`, answer: MachineAction }),
      /** The newest actions of some types on a machine, newest first, whoever asked for them. A row of another shape is left out. */
      async recent(machineId: MachineId, types: readonly string[]): Promise<MachineAction[]> {
        const ofType = types.map((type) => `type eq '${type}'`).join(" or ");
        const query = { $filter: `machineId eq '${machineId}' and (${ofType})`, $top: "200" };
        const answer = listOf(z.unknown());
        const { value } = await request({ method: "GET", path: "/api/machineactions", query, answer });
        const actions = value.flatMap((row) => MachineAction.safeParse(row).data ?? []);
        return actions.sort((a, b) => createdAt(b) - createdAt(a));
      },
      /** Where to download a collected package from. The link is short-lived and carries its own right to read. */
      async packageLink(id: MachineActionId): Promise<string> {
        const path = `/api/machineactions/${id}/getPackageUri`;
        const { value } = await request({ method: "GET", path, answer: z.object({ value: z.string() }) });
        return value.replace(/^"|"$/g, ""); // the service wraps the link in literal quotes
      },
    },
  };
}

/** The newest first: a new action may not say yet when it was made. */
const createdAt = ({ creationDateTimeUtc }: MachineAction): number =>
  creationDateTimeUtc ? Date.parse(creationDateTimeUtc) : Number.MAX_SAFE_INTEGER;

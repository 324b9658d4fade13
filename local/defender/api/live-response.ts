import { z } from "zod";
import type { Simulator } from "../simulator.ts";
import { type Command, subjectOf } from "../state/live-response.ts";
import type { Machine } from "../state/machine.ts";
import { endsAt, newMachineAction } from "../state/machine-action.ts";
import { ApiError } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import { readObject } from "./parameters.ts";
import { answerAction, onboardedOnly } from "./response-actions.ts";
import type { Route } from "./route.ts";

/**
 * Runs commands on a machine, one session at a time.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response
 */
const runLiveResponse: Route = {
  method: "POST",
  path: "/machines/{machineId}/runliveresponse",
  roles: ["Machine.LiveResponse"],
  limit: { perMinute: 10 },
  actionType: "LiveResponse",
  perform(call) {
    const { simulator, ids, body, appId } = call;
    const { tenant } = simulator;
    const { machine } = findMachine(simulator, ids.machineId ?? "") ?? unknown(ids.machineId ?? "");
    checkMachine(simulator, machine);
    const { comment, commands } = readSession(simulator, body);
    if (tenant.openAction(machine.id, "LiveResponse")) {
      throw new ApiError(400, "ActiveRequestAlreadyExists", "Action is already in progress");
    }
    checkSessions(simulator);
    const action = tenant.requestAction({
      type: "LiveResponse",
      machineId: machine.id,
      requestor: appId,
      comment,
      scope: null,
      relatedFileInfo: null,
      commands,
    });
    return answerAction(call, action, newMachineAction(action));
  },
};

export const liveResponseRoutes: readonly Route[] = [runLiveResponse];

/** Refuses machines that live response is not to reach. */
function checkMachine({ settings }: Simulator, machine: Machine): void {
  const { liveResponse, groupsWithoutRemediationLevel } = settings.current;
  if (liveResponse === "off") throw new ApiError(403, "DisabledFeature", "Live response is disabled in this tenant");
  if (liveResponse === "notOnServers" && /server/i.test(machine.osPlatform)) {
    throw new ApiError(403, "DisabledFeature", "Live response for servers is disabled in this tenant");
  }
  if (groupsWithoutRemediationLevel.includes(machine.rbacGroupName ?? "")) {
    const message = `Machine group ${machine.rbacGroupName} has no automation level for remediation`;
    throw new ApiError(403, "DisallowedOperation", message);
  }
  onboardedOnly(machine);
}

/** The limit is the tenant's, whatever the apps and machines. */
function checkSessions({ tenant, settings }: Simulator): void {
  const sessions = tenant.openActions().filter(({ type }) => type === "LiveResponse");
  if (sessions.length < settings.current.liveResponseSessions) return;
  const waitMs = Math.min(...sessions.map(endsAt)) - tenant.now();
  throw new ApiError(429, "TooManyRequests", `${sessions.length} live response sessions are running`, {
    "retry-after": String(Math.ceil(waitMs / 1000)),
  });
}

const Param = z.strictObject({ key: z.string(), value: z.string() });
const SentCommand = z.strictObject({
  type: z.enum(["PutFile", "RunScript", "GetFile"]),
  params: z.array(Param),
});
const Session = z.strictObject({ Comment: z.string().min(1), Commands: z.array(SentCommand).min(1) });

const ORDER: readonly Command["type"][] = ["PutFile", "RunScript", "GetFile"];
const NAMES: Record<Command["type"], readonly [needed: string, optional?: string]> = {
  PutFile: ["FileName"],
  RunScript: ["ScriptName", "Args"],
  GetFile: ["Path"],
};

/** Reads a session's comment and commands. Names are case-sensitive here too. */
function readSession(simulator: Simulator, body: unknown): { comment: string; commands: Command[] } {
  const given = readObject(body);
  for (const name of ["Comment", "Commands"]) {
    const isMissing = given[name] === undefined || given[name] === null || given[name] === "";
    if (isMissing) throw new ApiError(400, "MissingRequiredParameter", `The parameter '${name}' is required.`);
  }
  const { data, error } = Session.safeParse(given);
  if (error) throw new ApiError(400, "InvalidRequestBody", z.prettifyError(error));
  const { Comment: comment, Commands: commands } = data;
  for (const command of commands) checkCommand(simulator, command);
  const isInOrder = commands.every(
    ({ type }, index) => index === 0 || ORDER.indexOf(type) >= ORDER.indexOf(commands[index - 1]?.type ?? type),
  );
  // The page asks for this order and does not say what becomes of another.
  if (!isInOrder) throw new ApiError(400, "InvalidInput", `Commands must be in the order ${ORDER.join(", ")}.`);
  return { comment, commands };
}

function checkCommand({ tenant, settings }: Simulator, command: Command): void {
  const { liveResponseNeedsArgs, unknownLibraryFiles } = settings.current;
  const { type, params } = command;
  const [needed, optional] = NAMES[type];
  for (const { key } of params) {
    if (key !== needed && key !== optional)
      throw new ApiError(400, "InvalidInput", `${type} has no parameter '${key}'.`);
  }
  const subject = subjectOf(command);
  if (!subject) throw new ApiError(400, "MissingRequiredParameter", `${type} needs the parameter '${needed}'.`);
  if (type === "RunScript" && liveResponseNeedsArgs && !params.some(({ key }) => key === "Args")) {
    throw new ApiError(400, "MissingRequiredParameter", "RunScript needs the parameter 'Args'.");
  }
  const isUnknown = type !== "GetFile" && !tenant.tables.libraryFiles.get(subject);
  if (isUnknown && unknownLibraryFiles === "refuse") {
    throw new ApiError(400, "InvalidInput", `The file '${subject}' was not found in the library.`);
  }
}

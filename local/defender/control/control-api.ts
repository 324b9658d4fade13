import { z } from "zod";
import type { Reply, Request, Respond } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { type Alert, AlertFields, makeAlert } from "../state/alert.ts";
import { AppRegistration } from "../state/app-registration.ts";
import { Fault } from "../state/faults.ts";
import type { JournalEntry } from "../state/journal.ts";
import { type Machine, MachineBehaviour, type MachineRecord, makeMachine } from "../state/machine.ts";
import { isOpen, type MachineAction, machineActionAt } from "../state/machine-action.ts";
import { type Settings, SettingsChanges } from "../state/settings.ts";
import { performEntityCall } from "./entity-calls.ts";
import { ActionCourse, ClockOrder, MachineOrder, oneOrMany } from "./schema.ts";

/** A machine with what the Defender API does not tell. */
export interface MachineState {
  machine: Machine;
  offline: boolean;
  failing: MachineRecord["failing"];
  /** How it is cut off now: the isolation type, or `null`. */
  isolation: string | null;
  /** Whether it may run signed code only. */
  restricted: boolean;
  /** Whether Defender has been taken off it, from when on it carries nothing out. */
  offboarded: boolean;
}

/** Everything there is, at one moment. */
export interface SimulatorState {
  /** The tenant's time, ISO 8601. */
  now: string;
  settings: Settings;
  machines: MachineState[];
  alerts: Alert[];
  /** Oldest first. */
  machineActions: MachineAction[];
}

export type JournalAnswer = { entries: JournalEntry[] };

/** Where the control API lives, beside the Defender API. */
export const CONTROL_PATH = "/simulator";

/** Lets tests, demos and benchmarks set the stage and look behind it. No token is asked for. */
export function createControlApi(simulator: Simulator): Respond {
  return (request) => {
    try {
      return perform(simulator, request);
    } catch (error) {
      if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
      if (error instanceof SyntaxError) return refuse(400, "The body is not JSON.");
      throw error;
    }
  };
}

function perform(simulator: Simulator, request: Request): Reply {
  const { tenant, journal, faults, settings } = simulator;
  const [, , resource = "", id = ""] = request.path.split("/");
  const body: unknown = request.body ? JSON.parse(request.body) : {};
  const method = request.method === "PUT" ? "POST" : request.method;

  switch (`${method} ${resource}${id ? "/{id}" : ""}`) {
    case "POST machines":
      return ok({
        machines: oneOrMany(MachineOrder)
          .parse(body)
          .map((order) => addMachine(simulator, order)),
      });
    case "GET machines/{id}":
      return withMachine(simulator, id, (record) => describeMachine(simulator, record));
    case "PATCH machines/{id}":
      return withMachine(simulator, id, (record) =>
        describeMachine(simulator, tenant.changeBehaviour(record, MachineBehaviour.parse(body))),
      );
    case "PATCH machineactions/{id}":
      return steerAction(simulator, id, ActionCourse.parse(body));
    case "POST alerts":
      return ok({
        alerts: oneOrMany(AlertFields)
          .parse(body)
          .map((fields) => addAlert(simulator, fields)),
      });
    case "POST apps":
      tenant.putApp(AppRegistration.parse(body));
      return ok({});
    case "PATCH apps/{id}":
      return withApp(simulator, id, (app) => tenant.putApp(AppRegistration.parse({ ...app, ...(body as object) })));
    case "GET settings":
      return ok(settings.current);
    case "POST settings":
      settings.change(SettingsChanges.parse(body));
      return ok(settings.current);
    case "POST clock":
      tenant.advanceClock(ClockOrder.parse(body).advanceMs);
      return ok({ now: new Date(tenant.now()).toISOString() });
    case "POST faults":
      faults.add(Fault.parse(body));
      return ok({});
    case "DELETE faults":
      faults.clear();
      return ok({});
    case "GET journal":
      return ok({ entries: journal.find(readJournalQuery(request.query)) } satisfies JournalAnswer);
    case "DELETE journal":
      journal.clear();
      return ok({});
    case "GET state":
      return ok(describeAll(simulator));
    case "POST reset":
      simulator.reset();
      return ok({});
    default: {
      const answer = performEntityCall(tenant, method, resource, id, request.body);
      return answer ? ok(answer) : refuse(404, `The control API has no call ${request.method} ${request.path}`);
    }
  }
}

function addMachine({ tenant }: Simulator, order: z.output<typeof MachineOrder>): Machine {
  const { offline = false, failing = {}, liveResponse, ...fields } = order;
  const machine = makeMachine(fields, tenant.now());
  tenant.putMachine({ machine, offline, failing, ...(liveResponse && { liveResponse }) });
  return machine;
}

function addAlert({ tenant }: Simulator, fields: AlertFields): Alert {
  const target = fields.machineId ? tenant.machines.get(fields.machineId)?.machine : undefined;
  const alert = makeAlert(fields, target, tenant.id, tenant.now());
  tenant.putAlert(alert);
  return alert;
}

function withMachine(simulator: Simulator, id: string, describe: (record: MachineRecord) => MachineState): Reply {
  const record = simulator.machine(id);
  return record ? ok(describe(record)) : refuse(404, `There is no machine ${id}`);
}

function steerAction({ tenant }: Simulator, id: string, course: z.output<typeof ActionCourse>): Reply {
  const action = tenant.machineActions.get(id);
  if (!action) return refuse(404, `There is no machine action ${id}`);
  const { status } = machineActionAt(action, tenant.now());
  if (!isOpen({ status })) return refuse(400, `Machine action ${id} is ${status} already`);
  return ok(machineActionAt(tenant.steerAction(action, course), tenant.now()));
}

function withApp({ tenant }: Simulator, clientId: string, change: (app: AppRegistration) => void): Reply {
  const app = tenant.apps.get(clientId);
  if (!app) return refuse(404, `There is no app ${clientId}`);
  change(app);
  return ok({});
}

function describeMachine({ tenant }: Simulator, { machine, offline, failing }: MachineRecord): MachineState {
  const { id } = machine;
  return {
    machine,
    offline,
    failing,
    isolation: tenant.inEffect(id, "Isolate")?.scope ?? null,
    restricted: tenant.inEffect(id, "RestrictCodeExecution") !== undefined,
    offboarded: tenant.inEffect(id, "Offboard") !== undefined,
  };
}

function describeAll(simulator: Simulator): SimulatorState {
  const { tenant, settings } = simulator;
  const now = tenant.now();
  return {
    now: new Date(now).toISOString(),
    settings: settings.current,
    machines: [...tenant.machines.values()].map((record) => describeMachine(simulator, record)),
    alerts: [...tenant.alerts.values()],
    machineActions: [...tenant.machineActions.values()].map((action) => machineActionAt(action, now)),
  };
}

function readJournalQuery(query: URLSearchParams) {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  return {
    method: query.get("method") ?? undefined,
    path: query.get("path") ?? undefined,
    after: number("after"),
    limit: number("limit"),
  };
}

const ok = (body: object): Reply => ({ status: 200, body });
const refuse = (status: number, message: string): Reply => ({ status, body: { error: { code: "Control", message } } });

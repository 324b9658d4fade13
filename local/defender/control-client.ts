import type { z } from "zod";
import type { JournalAnswer, MachineState, SimulatorState } from "./control/control-api.ts";
import { stringifyExactly } from "./control/exact-json.ts";
import type { ActionCourseOrder, MachineOrder } from "./control/schema.ts";
import type { Alert, AlertFields } from "./state/alert.ts";
import type { AppChanges, AppOrder } from "./state/app-registration.ts";
import type { FaultOrder } from "./state/faults.ts";
import type { HuntingOrder } from "./state/hunting.ts";
import type { JournalEntry, JournalQuery } from "./state/journal.ts";
import type { Machine, MachineBehaviour } from "./state/machine.ts";
import type { MachineAction, MachineActionType } from "./state/machine-action.ts";
import type { SeedOrder } from "./state/seed/seed.ts";
import type { Settings, SettingsChanges } from "./state/settings.ts";
import type { Row } from "./state/table.ts";
import type { TableName } from "./state/tables.ts";

export type {
  ActionCourseOrder,
  Alert,
  AlertFields,
  AppChanges,
  AppOrder,
  FaultOrder,
  HuntingOrder,
  JournalEntry,
  JournalQuery,
  Machine,
  MachineActionType,
  MachineOrder,
  MachineState,
  SeedOrder,
  Settings,
  SettingsChanges,
  SimulatorState,
  TableName,
};

type LiveResponseOrder = NonNullable<z.input<typeof MachineBehaviour>["liveResponse"]>;

/** Sets the stage of a running simulator and looks behind it. */
export interface SimulatorControl {
  /** Adds a machine, or replaces the one with this id. What is left out is made up. */
  addMachine(machine?: MachineOrder): Promise<Machine>;
  addMachines(machines: MachineOrder[]): Promise<Machine[]>;
  /** A machine with what the Defender API does not tell: whether it is offline and how it is isolated. */
  machine(machineId: string): Promise<MachineState>;
  /** Takes a machine out of reach, or brings it back, when it starts on the machine actions that wait for it. */
  setOffline(machineId: string, offline?: boolean): Promise<MachineState>;
  /** Makes a type of machine action end in `Failed` on this machine, from the next one it starts on. */
  failAction(machineId: string, type: MachineActionType, fails?: boolean): Promise<MachineState>;
  /** Says what live response meets on this machine: what scripts say, what is in files, which commands fail. */
  setLiveResponse(machineId: string, behaviour: LiveResponseOrder): Promise<MachineState>;
  /** Lets an open machine action go on as told: ends it now, holds it back, has it fail or time out. */
  steerAction(machineActionId: string, course?: ActionCourseOrder): Promise<MachineAction>;
  /** Adds an alert, or replaces the one with this id. What is left out is made up. */
  addAlert(alert?: AlertFields): Promise<Alert>;
  addAlerts(alerts: AlertFields[]): Promise<Alert[]>;
  /** Says what hunting queries find that contain a text or fit a pattern. Big integers go as `bigint`. */
  addHuntingAnswer(answer: HuntingOrder): Promise<void>;
  /** Adds rows to a collection, in place of those with the same key; see `state/tables.ts` for what there is. */
  putRows(table: TableName, rows: Row[]): Promise<void>;
  rows(table: TableName): Promise<Row[]>;
  clearRows(table: TableName): Promise<void>;
  /** Makes up machines and alerts, with all that belongs to them; the same for the same seed. */
  seed(order: SeedOrder): Promise<void>;
  /** Registers one more client with the token endpoint, or replaces the one with this id. */
  addApp(app: AppOrder): Promise<void>;
  /** Changes what a client may do, or how it proves itself: takes away a role, lets its secret expire. */
  changeApp(clientId: string, changes: AppChanges): Promise<void>;
  /** Changes settings; without changes, tells them. */
  settings(changes?: SettingsChanges): Promise<Settings>;
  /** Moves the tenant's time ahead. Tokens keep to the wall clock. */
  advanceClock(ms: number): Promise<void>;
  /** Spoils the next calls to a path, or a share of all of them. */
  fault(fault: FaultOrder): Promise<void>;
  clearFaults(): Promise<void>;
  /** The calls made so far, oldest first. */
  journal(query?: JournalQuery): Promise<JournalEntry[]>;
  clearJournal(): Promise<void>;
  state(): Promise<SimulatorState>;
  /** Back to the start: no machines, alerts, machine actions, journal or faults; settings as they were. */
  reset(): Promise<void>;
}

/** Connects to the control API of the simulator whose Defender API is at `apiUrl`. */
export function createSimulatorControl(apiUrl: string): SimulatorControl {
  async function call<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${apiUrl}/simulator/${path}`, {
      method,
      ...(body && { body: stringifyExactly(body), headers: { "content-type": "application/json" } }),
    });
    const answer = (await response.json()) as T & { error?: { message: string } };
    if (!response.ok) throw new Error(`The simulator refused ${method} ${path}: ${answer.error?.message}`);
    return answer;
  }
  const order = async (method: string, path: string, body?: object): Promise<void> => {
    await call(method, path, body);
  };
  const addMachines = async (machines: MachineOrder[]) =>
    (await call<{ machines: Machine[] }>("PUT", "machines", machines)).machines;
  const addAlerts = async (alerts: AlertFields[]) => (await call<{ alerts: Alert[] }>("PUT", "alerts", alerts)).alerts;

  return {
    addMachines,
    addMachine: async (machine = {}) => (await addMachines([machine]))[0] as Machine,
    machine: (machineId) => call("GET", `machines/${machineId}`),
    setOffline: (machineId, offline = true) => call("PATCH", `machines/${machineId}`, { offline }),
    failAction: (machineId, type, fails = true) =>
      call("PATCH", `machines/${machineId}`, { failing: { [type]: fails } }),
    setLiveResponse: (machineId, liveResponse) => call("PATCH", `machines/${machineId}`, { liveResponse }),
    steerAction: (machineActionId, course = {}) => call("PATCH", `machineactions/${machineActionId}`, course),
    addAlerts,
    addAlert: async (alert = {}) => (await addAlerts([alert]))[0] as Alert,
    addHuntingAnswer: (answer) => order("PUT", "hunting", answer),
    putRows: (table, rows) => order("PUT", `tables/${table}`, rows),
    rows: async (table) => (await call<{ rows: Row[] }>("GET", `tables/${table}`)).rows,
    clearRows: (table) => order("DELETE", `tables/${table}`),
    seed: (seedData) => order("PUT", "seed", seedData),
    addApp: (app) => order("PUT", "apps", app),
    changeApp: (clientId, changes) => order("PATCH", `apps/${clientId}`, changes),
    settings: (changes) => (changes ? call("PUT", "settings", changes) : call("GET", "settings")),
    advanceClock: (ms) => order("POST", "clock", { advanceMs: ms }),
    fault: (fault) => order("POST", "faults", fault),
    clearFaults: () => order("DELETE", "faults"),
    journal: async (query = {}) => (await call<JournalAnswer>("GET", `journal?${toQuery(query)}`)).entries,
    clearJournal: () => order("DELETE", "journal"),
    state: () => call("GET", "state"),
    reset: () => order("POST", "reset"),
  };
}

function toQuery(query: JournalQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters;
}

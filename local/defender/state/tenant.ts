import { randomUUID } from "node:crypto";
import type { Alert } from "./alert.ts";
import { AppRegistration } from "./app-registration.ts";
import { performCommands } from "./live-response.ts";
import type { MachineBehaviour, MachineRecord } from "./machine.ts";
import {
  type ActionOutcome,
  type ActionStart,
  areOpposites,
  effectAt,
  endsAt,
  isOpen,
  type MachineActionRecord,
  type MachineActionType,
  progressAt,
} from "./machine-action.ts";
import type { ActionDelays, Settings } from "./settings.ts";
import { createTables, type TableChange, type Tables } from "./tables.ts";

/** One fact that outlives a restart. */
export type Change =
  | { machine: MachineRecord }
  | { alert: Alert }
  | { machineAction: MachineActionRecord }
  | { app: AppRegistration }
  | { clockAheadMs: number }
  | TableChange
  | { cleared: true };

export interface TenantOptions {
  tenantId: string;
  settings: () => Settings;
  /** The wall clock, in milliseconds. */
  clock: () => number;
  /** Called with each change before anyone can see it. */
  remember: (change: Change) => void;
}

/** A request for a machine action, as the API received it. */
export type ActionRequest = Pick<
  MachineActionRecord,
  "type" | "scope" | "requestor" | "comment" | "relatedFileInfo" | "machineId" | "commands"
>;

/** How a machine action is to go on, counted from now. */
export type ActionCourse = ActionDelays & { outcome: ActionOutcome };

/** Everything Defender knows of one tenant: machines, alerts, machine actions and the apps allowed in. */
export class Tenant {
  readonly id: string;
  readonly machines = new Map<string, MachineRecord>();
  readonly alerts = new Map<string, Alert>();
  readonly machineActions = new Map<string, MachineActionRecord>();
  readonly apps = new Map<string, AppRegistration>();
  /** All other entities. */
  readonly tables: Tables;
  readonly #tables = createTables((change) => this.#record(change));
  readonly #actionIdsByMachine = new Map<string, Set<string>>();
  /** Ids of all actions that are open, and of some that have ended unnoticed. */
  readonly #maybeOpen = new Set<string>();
  readonly #options: TenantOptions;
  #clockAheadMs = 0;

  constructor(options: TenantOptions) {
    this.id = options.tenantId;
    this.#options = options;
    this.tables = this.#tables.tables;
  }

  /** The tenant's time: the wall clock, plus what the control API moved it ahead and by how much it is set wrong. */
  now(): number {
    return this.#options.clock() + this.#clockAheadMs + this.#options.settings().clockSkewMs;
  }

  advanceClock(ms: number): void {
    this.#record({ clockAheadMs: this.#clockAheadMs + ms });
  }

  putMachine(machine: MachineRecord): void {
    this.#record({ machine });
  }

  putAlert(alert: Alert): void {
    this.#record({ alert });
  }

  putApp(app: AppRegistration): void {
    this.#record({ app });
  }

  /** Forgets everything but the apps. */
  clear(): void {
    this.#record({ cleared: true });
  }

  /** The machine actions of one machine, oldest first. */
  actionsOf(machineId: string): MachineActionRecord[] {
    const ids = this.#actionIdsByMachine.get(machineId) ?? [];
    return [...ids].map((id) => this.machineActions.get(id) as MachineActionRecord);
  }

  openAction(machineId: string, type: MachineActionType): MachineActionRecord | undefined {
    const now = this.now();
    return this.actionsOf(machineId).find((action) => action.type === type && isOpen(progressAt(action, now)));
  }

  /** The machine actions that are not final, oldest first. */
  openActions(): MachineActionRecord[] {
    const now = this.now();
    const open: MachineActionRecord[] = [];
    for (const id of this.#maybeOpen) {
      const action = this.machineActions.get(id) as MachineActionRecord;
      if (isOpen(progressAt(action, now))) open.push(action);
      else this.#maybeOpen.delete(id);
    }
    return open;
  }

  /** The machine action of this type that is in effect on the machine now, such as its isolation. */
  inEffect(machineId: string, type: MachineActionType): MachineActionRecord | undefined {
    return effectAt(this.actionsOf(machineId), type, this.now());
  }

  /** Takes a request in. A machine within reach starts on it at once. */
  requestAction(request: ActionRequest): MachineActionRecord {
    const now = this.now();
    const target = this.machines.get(request.machineId);
    const machineAction: MachineActionRecord = {
      id: randomUUID(),
      ...request,
      computerDnsName: target?.machine.computerDnsName ?? null,
      createdAt: now,
    };
    return this.#recordAction(machineAction, target && this.#start(machineAction, target, now));
  }

  cancelAction(action: MachineActionRecord, requestor: string, comment: string): MachineActionRecord {
    const machineAction = { ...action, cancellation: { at: this.now(), requestor, comment } };
    this.#record({ machineAction });
    this.#startQueued(action.machineId);
    return machineAction;
  }

  /** Lets an open machine action go on as given, whatever the settings say. */
  steerAction(action: MachineActionRecord, { outcome, ...delays }: ActionCourse): MachineActionRecord {
    const target = this.machines.get(action.machineId);
    const steered = this.#recordAction(action, this.#course(action, target, this.now(), delays, outcome));
    this.#startQueued(action.machineId);
    return steered;
  }

  /**
   * Takes a machine out of reach or brings it back, or changes how it behaves.
   * A machine that comes back starts on what waits for it; one that leaves drops what it had not begun.
   */
  changeBehaviour(
    record: MachineRecord,
    { offline = record.offline, failing = {}, liveResponse }: MachineBehaviour,
  ): MachineRecord {
    const now = this.now();
    const machine = {
      ...record,
      offline,
      failing: { ...record.failing, ...failing },
      ...(liveResponse && { liveResponse }),
    };
    this.#record({ machine });
    for (const action of this.actionsOf(record.machine.id)) {
      if (progressAt(action, now).status !== "Pending" || offline === !action.start) continue;
      const { start: _, ...waiting } = action;
      this.#recordAction(waiting, this.#start(waiting, machine, now));
    }
    return machine;
  }

  /** Every fact the tenant consists of now. */
  *facts(): Generator<Change> {
    yield { clockAheadMs: this.#clockAheadMs };
    for (const app of this.apps.values()) yield { app };
    for (const machine of this.machines.values()) yield { machine };
    for (const alert of this.alerts.values()) yield { alert };
    for (const machineAction of this.machineActions.values()) yield { machineAction };
    yield* this.#tables.facts();
  }

  /** Makes a remembered change again. */
  apply(change: Change): void {
    if ("machine" in change) this.machines.set(change.machine.machine.id, change.machine);
    else if ("alert" in change) this.alerts.set(change.alert.id, change.alert);
    else if ("machineAction" in change) this.#applyAction(change.machineAction);
    else if ("app" in change) this.#applyApp(change.app);
    else if ("table" in change) this.#tables.apply(change);
    else if ("clockAheadMs" in change) this.#clockAheadMs = change.clockAheadMs;
    else {
      for (const facts of [this.machines, this.alerts, this.machineActions]) facts.clear();
      for (const index of [this.#actionIdsByMachine, this.#maybeOpen]) index.clear();
      this.#tables.clear();
      this.#clockAheadMs = 0;
    }
  }

  /** One that was kept by an earlier version may lack what came since. */
  #applyApp(kept: AppRegistration): void {
    const app = AppRegistration.parse(kept);
    this.apps.set(app.clientId, app);
  }

  #applyAction(action: MachineActionRecord): void {
    this.machineActions.set(action.id, action);
    this.#maybeOpen.add(action.id);
    const ids = this.#actionIdsByMachine.get(action.machineId);
    if (ids) ids.add(action.id);
    else this.#actionIdsByMachine.set(action.machineId, new Set([action.id]));
  }

  #recordAction(action: MachineActionRecord, start: ActionStart | undefined): MachineActionRecord {
    const machineAction = start ? { ...action, start } : action;
    this.#record({ machineAction });
    return machineAction;
  }

  /** How a machine carries an action out, if it is within reach and Defender still runs on it. */
  #start(action: MachineActionRecord, machine: MachineRecord, now: number): ActionStart | undefined {
    if (machine.offline || effectAt(this.actionsOf(action.machineId), "Offboard", now)) return undefined;
    const { actionDelays, actionDelaysByType } = this.#options.settings();
    const delays = actionDelaysByType[action.type] ?? actionDelays;
    const outcome = machine.failing[action.type] ? "Failed" : "Succeeded";
    return this.#course(action, machine, this.#turnOf(action, now), delays, outcome);
  }

  #course(
    { commands }: MachineActionRecord,
    machine: MachineRecord | undefined,
    at: number,
    delays: ActionDelays,
    outcome: ActionOutcome,
  ): ActionStart {
    if (!commands || outcome === "TimeOut") return { at, ...delays, outcome };
    const behaviour = { scripts: {}, files: {}, failing: {}, ...machine?.liveResponse };
    const usualMs = Math.max(0, delays.finalAfterMs - delays.inProgressAfterMs) / commands.length;
    const isInLibrary = (name: string) => this.tables.libraryFiles.get(name) !== undefined;
    const results =
      outcome === "Failed"
        ? [{ takesMs: usualMs, error: "The command failed on the machine." }]
        : performCommands(commands, behaviour, isInLibrary, usualMs);
    return {
      at,
      inProgressAfterMs: delays.inProgressAfterMs,
      finalAfterMs: results.reduce((sum, { takesMs }) => sum + takesMs, delays.inProgressAfterMs),
      outcome: results.some((result) => "error" in result) ? "Failed" : "Succeeded",
      results,
    };
  }

  /** From when a machine can start on an action: it ends first what it was asked for before and what this one undoes. */
  #turnOf({ id, type, machineId }: MachineActionRecord, now: number): number {
    if (this.#options.settings().competingActions === "independent") return now;
    let turn = now;
    for (const earlier of this.actionsOf(machineId)) {
      if (earlier.id === id) break;
      const isAhead = areOpposites(earlier.type, type) && earlier.start && isOpen(progressAt(earlier, now));
      if (isAhead) turn = Math.max(turn, endsAt(earlier));
    }
    return turn;
  }

  /** Gives the actions that wait for their turn a new one, after something ahead of them has changed. */
  #startQueued(machineId: string): void {
    const now = this.now();
    const machine = this.machines.get(machineId);
    for (const action of this.actionsOf(machineId)) {
      const isQueued = action.start && action.start.at > now && isOpen(progressAt(action, now));
      if (machine && isQueued) this.#recordAction(action, this.#start(action, machine, now));
    }
  }

  #record(change: Change): void {
    this.#options.remember(change);
    this.apply(change);
  }
}

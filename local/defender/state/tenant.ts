import { randomUUID } from "node:crypto";
import type { Alert } from "./alert.ts";
import { AppRegistration } from "./app-registration.ts";
import type { MachineBehaviour, MachineRecord } from "./machine.ts";
import {
  type ActionStart,
  isOpen,
  isolationAt,
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
  "type" | "scope" | "requestor" | "comment" | "relatedFileInfo" | "machineId"
>;

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

  /** The tenant's time: the wall clock, plus what the control API moved it ahead. */
  now(): number {
    return this.#options.clock() + this.#clockAheadMs;
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

  /** How the machine is cut off now, or `null`. */
  isolationOf(machineId: string): string | null {
    return isolationAt(this.actionsOf(machineId), this.now());
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
      ...(target && !target.offline && { start: this.#start(request.type, target, now) }),
    };
    this.#record({ machineAction });
    return machineAction;
  }

  cancelAction(action: MachineActionRecord, requestor: string, comment: string): MachineActionRecord {
    const machineAction = { ...action, cancellation: { at: this.now(), requestor, comment } };
    this.#record({ machineAction });
    return machineAction;
  }

  /**
   * Takes a machine out of reach or brings it back, or changes which actions fail on it.
   * A machine that comes back starts on what waits for it; one that leaves drops what it had not begun.
   */
  changeBehaviour(record: MachineRecord, { offline = record.offline, failing = {} }: MachineBehaviour): MachineRecord {
    const now = this.now();
    const machine = { ...record, offline, failing: { ...record.failing, ...failing } };
    this.#record({ machine });
    for (const action of this.actionsOf(record.machine.id)) {
      if (progressAt(action, now).status !== "Pending" || offline === !action.start) continue;
      const { start: _, ...waiting } = action;
      this.#record({
        machineAction: offline ? waiting : { ...waiting, start: this.#start(action.type, machine, now) },
      });
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

  #start(type: MachineActionType, { failing }: MachineRecord, now: number): ActionStart {
    const { actionDelays, actionDelaysByType } = this.#options.settings();
    const delays: ActionDelays = actionDelaysByType[type] ?? actionDelays;
    return { at: now, ...delays, outcome: failing[type] ? "Failed" : "Succeeded" };
  }

  #record(change: Change): void {
    this.#options.remember(change);
    this.apply(change);
  }
}

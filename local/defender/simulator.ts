import { mkdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { createThrottle, type Throttle } from "./api/throttle.ts";
import { makeAlert } from "./state/alert.ts";
import type { AppRegistration } from "./state/app-registration.ts";
import { createFaults, type Faults } from "./state/faults.ts";
import { type Journal, openJournal } from "./state/journal.ts";
import { openLines, readLines } from "./state/lines.ts";
import { MachineId, type MachineRecord, makeMachine } from "./state/machine.ts";
import { SeedOrder, seedTenant } from "./state/seed/seed.ts";
import { defaultSettings, Settings, SettingsChanges } from "./state/settings.ts";
import { type Change, Tenant } from "./state/tenant.ts";

export interface SimulatorOptions {
  tenantId: string;
  apps: readonly AppRegistration[];
  settings: SettingsChanges;
  clock: () => number;
  /** Where machines, alerts, machine actions and the journal are kept; only in memory if missing. */
  folder: string | undefined;
  /** What to make up for a tenant that has no machines yet. */
  seedData: SeedOrder | undefined;
}

/** Everything the simulator consists of, behind its ways in. */
export interface Simulator {
  readonly tenant: Tenant;
  readonly settings: { readonly current: Settings; change(changes: SettingsChanges): void };
  readonly throttle: Throttle;
  readonly faults: Faults;
  readonly journal: Journal;
  /** The wall clock, which tokens go by: a client's cache of tokens does not follow the tenant's time. */
  readonly clock: () => number;
  /** The machine with this id; made up, if that is switched on and the id could be a real one. */
  machine(id: string): MachineRecord | undefined;
  /** The alert with this id; made up, if that is switched on and the id could be a real one. */
  alert(id: string): ReturnType<typeof makeAlert> | undefined;
  /** Back to the start: no machines, alerts, machine actions, journal, faults; settings as they were. */
  reset(): void;
  close(): void;
}

const PLAUSIBLE_ALERT_ID = /^[\w-]{8,}$/;

/** Puts the simulator together, with what an earlier one left in the folder. */
export function createSimulator({
  tenantId,
  apps,
  settings: initial,
  clock,
  folder,
  seedData,
}: SimulatorOptions): Simulator {
  const settings = createSettings(initial);
  const stateFile = folder && path.join(prepare(folder), "state.jsonl");
  const remembered = stateFile ? (readLines(stateFile) as Change[]) : [];
  const lines = stateFile ? openLines(stateFile) : undefined;

  const tenant = new Tenant({
    tenantId,
    settings: () => settings.current,
    clock,
    remember: (change) => lines?.append(change),
  });
  for (const change of remembered) tenant.apply(change);
  for (const app of apps) tenant.apply({ app });
  lines?.rewrite(tenant.facts());
  if (seedData && tenant.machines.size === 0) seedTenant(tenant, SeedOrder.parse(seedData));

  const throttle = createThrottle();
  const faults = createFaults();
  const journal = openJournal(folder && path.join(folder, "journal.jsonl"));

  return {
    tenant,
    settings,
    throttle,
    faults,
    journal,
    clock,
    machine(id) {
      const known = tenant.machines.get(id);
      if (known || !settings.current.autoCreate || !MachineId.safeParse(id).success) return known;
      const machine = { machine: makeMachine({ id }, tenant.now()), offline: false, failing: {} };
      tenant.putMachine(machine);
      return machine;
    },
    alert(id) {
      const known = tenant.alerts.get(id);
      if (known || !settings.current.autoCreate || !PLAUSIBLE_ALERT_ID.test(id)) return known;
      // No machine: naming one at random would invite somebody to isolate it.
      const alert = makeAlert({ id }, undefined, tenant.id, tenant.now());
      tenant.putAlert(alert);
      return alert;
    },
    reset() {
      tenant.clear();
      journal.clear();
      faults.clear();
      throttle.clear();
      settings.reset();
    },
    close() {
      journal.close();
      lines?.close();
    },
  };
}

function createSettings(initial: SettingsChanges) {
  const { data: atStart, error } = Settings.safeParse({ ...defaultSettings, ...initial });
  if (error) throw new Error(`The Defender simulator's settings are wrong: ${z.prettifyError(error)}`);
  let current = atStart;
  return {
    get current() {
      return current;
    },
    change(changes: SettingsChanges) {
      current = Settings.parse({ ...current, ...SettingsChanges.parse(changes) });
    },
    reset() {
      current = atStart;
    },
  };
}

/** Makes the state folder, or says in one sentence why that cannot be. */
function prepare(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    openLines(path.join(folder, "state.jsonl")).close();
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The Defender simulator cannot write to its folder ${folder}: ${reason}`, { cause });
  }
}

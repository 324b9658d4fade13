import type { MachineId } from "../defender/machines/machine.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { Lease } from "./lease.ts";

/** The isolations of this app, one row per machine. */
export interface LeaseStore {
  get(machineId: MachineId): Promise<Lease | undefined>;
  /** Those that are not over, oldest first. */
  open(): Promise<Lease[]>;
  /**
   * Changes the lease of a machine as it stands now, or not at all.
   *
   * @param change pure, as it is called again when somebody else was first; what it gives back unchanged is not written
   * @returns the lease afterwards; nothing where there is none
   */
  change(
    machineId: MachineId,
    change: (lease: Lease | undefined, now: Date) => Lease | undefined,
  ): Promise<Lease | undefined>;
}

/** Runs and people that change one lease at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 30;

type Row = { state: string };

/** Leases in table storage, one partition per tenant. */
export function createTableLeaseStore(
  table: Pick<LazyTable, "get" | "change" | "ofPartition">,
  tenantId: string,
  now: () => number = Date.now,
): LeaseStore {
  const toRow = (lease: Lease) => ({
    partitionKey: tenantId,
    rowKey: lease.machineId,
    isOpen: lease.state !== "ended",
    state: JSON.stringify(lease),
  });
  const parse = ({ state }: Row): Lease => Lease.parse(JSON.parse(state));

  return {
    async get(machineId) {
      const row = await table.get<Row>(tenantId, machineId);
      return row && parse(row);
    },
    async open() {
      const rows = await table.ofPartition<Row>(tenantId, { where: "isOpen eq true" });
      return rows
        .map(parse)
        .filter(({ state }) => state !== "ended")
        .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
    },
    async change(machineId, change) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const row = await table.get<Row>(tenantId, machineId);
        const before = row && parse(row);
        const after = change(before, new Date(now()));
        if (!after || after === before) return before;
        const written = row ? { replace: toRow(after), etag: row.etag } : { insert: toRow(after) };
        if (await table.change([written])) return after;
      }
      throw new Error("The lease is changed too often");
    },
  };
}

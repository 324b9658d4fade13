import { createHash } from "node:crypto";
import type { Change, TableRow } from "../storage/lazy-table.ts";
import type { Usage } from "./judge.ts";

/** A containment that wants to be counted. */
export interface Place {
  machineId: string;
  deviceGroup?: string | undefined;
  runId: string;
}

const MINUTE_MS = 60_000;

/** Whole minutes: one more than an hour has, so that no hour, from whatever second on, has more than it may. */
const MINUTES_COUNTED = 61;

/** A row as it was read, or not found. */
export type ReadRow = (TableRow & { etag: string }) | undefined;

type Minutes = Record<string, number>;

export const TENANT_COUNT = "count:tenant";
export const machineRowKey = (machineId: string): string => `machine:${machineId}`;

/** The keys of the rows that say how many machines were contained, for a place. Names may hold what a key may not. */
export const countRowKeys = ({ deviceGroup }: Place): string[] =>
  deviceGroup ? [TENANT_COUNT, groupKey(deviceGroup)] : [TENANT_COUNT];

const groupKey = (name: string): string =>
  `count:group:${createHash("sha256").update(name.trim().toLowerCase()).digest("hex").slice(0, 32)}`;

/**
 * How many distinct machines were contained in the last hour, as the rows of one partition: one for each machine with the
 * minute it was counted in, and one for each count with its machines by minute. They change together or not at all.
 */
export function openUsageBook(partitionKey: string, rows: ReadonlyMap<string, ReadRow>, nowMs: number) {
  const minute = Math.floor(nowMs / MINUTE_MS);
  const oldest = minute - MINUTES_COUNTED + 1;
  const counts = new Map<string, Minutes>();
  const machines = new Map<string, { minute: number; runId: string } | null>();

  function countsOf(key: string): Minutes {
    const known = counts.get(key);
    if (known) return known;
    const stored = Object.entries(JSON.parse(String(rows.get(key)?.minutes ?? "{}")) as Minutes);
    const recent = Object.fromEntries(stored.filter(([at]) => Number(at) >= oldest));
    counts.set(key, recent);
    return recent;
  }

  function countedAt(machineId: string): { minute: number; runId: string } | undefined {
    const changed = machines.get(machineId);
    if (changed !== undefined) return changed ?? undefined;
    const row = rows.get(machineRowKey(machineId));
    return row && Number(row.minute) >= oldest ? { minute: Number(row.minute), runId: String(row.runId) } : undefined;
  }

  const total = (key: string) => Object.values(countsOf(key)).reduce((sum, count) => sum + count, 0);
  const add = (place: Place, at: number, change: 1 | -1) => {
    for (const key of countRowKeys(place)) {
      const minutes = countsOf(key);
      minutes[at] = Math.max(0, (minutes[at] ?? 0) + change);
    }
  };

  return {
    usageFor(place: Place): Usage {
      const [tenant = "", group] = countRowKeys(place);
      return {
        tenant: total(tenant),
        deviceGroup: group ? total(group) : 0,
        isCounted: countedAt(place.machineId) !== undefined,
      };
    },

    /** @returns whether the machine was not counted yet */
    take(place: Place): boolean {
      if (countedAt(place.machineId)) return false;
      machines.set(place.machineId, { minute, runId: place.runId });
      add(place, minute, 1);
      return true;
    },

    /** Counts a machine no more, if it was this run for which it was. */
    giveBack(place: Place): void {
      const counted = countedAt(place.machineId);
      if (counted?.runId !== place.runId) return;
      machines.set(place.machineId, null);
      add(place, counted.minute, -1);
    },

    /** What has to be written; nothing when nobody took or gave back a place. */
    changes(): Change[] {
      if (machines.size === 0) return [];
      const ofCounts = [...counts].map(([rowKey, minutes]) => write(rowKey, { minutes: JSON.stringify(minutes) }));
      const ofMachines = [...machines].flatMap(([machineId, counted]): Change[] => {
        const rowKey = machineRowKey(machineId);
        if (counted) return [write(rowKey, counted)];
        return rows.get(rowKey) ? [{ remove: { partitionKey, rowKey } }] : [];
      });
      return [...ofCounts, ...ofMachines];
    },
  };

  function write(rowKey: string, properties: object): Change {
    const row = { partitionKey, rowKey, ...properties };
    const etag = rows.get(rowKey)?.etag;
    return etag === undefined ? { insert: row } : { replace: row, etag };
  }
}

import { z } from "zod";
import type { LazyTable } from "../../storage/lazy-table.ts";

/** Up to when the alerts of a tenant were taken in, by the time of their last update. */
export interface PollMark {
  /** In milliseconds since the epoch; nothing before the first poll. */
  read(): Promise<number | undefined>;
  /** Safe to repeat. */
  move(to: number): Promise<void>;
}

const Row = z.object({ at: z.iso.datetime() });

/** In table storage, one row for each tenant. Meant for one writer. */
export function createTablePollMark(table: LazyTable, tenantId: string): PollMark {
  const key = { partitionKey: tenantId, rowKey: "lastUpdateTime" };
  return {
    async read() {
      const row = Row.safeParse(await table.get(key.partitionKey, key.rowKey)).data;
      return row && Date.parse(row.at);
    },
    async move(to) {
      await table.upsert({ ...key, at: new Date(to).toISOString() });
    },
  };
}

/** How the time to poll from follows from the last poll. */
export interface PollRange {
  /** When the mark was moved to, in milliseconds since the epoch. */
  mark: number | undefined;
  now: number;
  /** Alerts become visible late, and clocks differ. */
  overlapMs: number;
  /** Older alerts are not acted on; 0 = no limit. */
  maxAgeMs: number;
}

const DAY_MS = 86_400_000;

/** From when to list alerts: a little before the last poll; the first time, as old as alerts are acted on. */
export const pollFrom = ({ mark, now, overlapMs, maxAgeMs }: PollRange): number =>
  mark === undefined ? now - (maxAgeMs || DAY_MS) : Math.min(mark, now) - overlapMs;

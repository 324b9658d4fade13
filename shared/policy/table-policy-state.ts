import type { LazyTable } from "../storage/lazy-table.ts";
import { type CircuitBreaker, CLOSED_BREAKER } from "./circuit-breaker.ts";
import { KILL_SWITCH_OFF, type KillSwitch } from "./kill-switch.ts";
import type { PolicyState, Standing } from "./policy-state.ts";
import { countRowKeys, machineRowKey, openUsageBook, type Place, type ReadRow } from "./usage-book.ts";

type UsageBook = ReturnType<typeof openUsageBook>;

/** Something to be done in the book, by one of many that do so at the same moment. */
interface Entry {
  place: Place;
  /** Pure: done again when another instance was first. */
  write(book: UsageBook, standing: Standing): void;
  done: PromiseWithResolvers<void>;
}

/** With as many counts of device groups, and that of the tenant, they fit into one change of a table. */
const MOST_ENTRIES = 49;

/** Instances that change the same at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 100;

const KILL_SWITCH = "kill-switch";
const BREAKER = "circuit-breaker";

/**
 * The state of the gate in table storage, all rows of a tenant in one partition.
 *
 * Containments that come at the same moment are counted in one change, so that an outbreak does not have them overtake
 * each other.
 */
export function createTablePolicyState(
  table: Pick<LazyTable, "get" | "change">,
  tenantId: string,
  now: () => number = Date.now,
): PolicyState {
  async function readState<T>(rowKey: string, first: T): Promise<{ state: T; etag?: string }> {
    const row = await table.get<{ state: string }>(tenantId, rowKey);
    return row ? { state: JSON.parse(row.state) as T, etag: row.etag } : { state: first };
  }

  async function changeState<T>(rowKey: string, first: T, change: (now: T, at: string) => T): Promise<T> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { state, etag } = await readState(rowKey, first);
      const next = change(state, new Date(now()).toISOString());
      if (next === state) return state;
      const row = { partitionKey: tenantId, rowKey, state: JSON.stringify(next) };
      if (await table.change([etag === undefined ? { insert: row } : { replace: row, etag }])) return next;
    }
    throw new Error(`The ${rowKey} is changed too often`);
  }

  async function read(): Promise<Standing> {
    const [killSwitch, breaker] = await Promise.all([
      readState<KillSwitch>(KILL_SWITCH, KILL_SWITCH_OFF),
      readState<CircuitBreaker>(BREAKER, CLOSED_BREAKER),
    ]);
    return { killSwitch: killSwitch.state, breaker: breaker.state };
  }

  async function rowsOf(entries: readonly Entry[]): Promise<Map<string, ReadRow>> {
    const keys = new Set(entries.flatMap(({ place }) => [...countRowKeys(place), machineRowKey(place.machineId)]));
    const rows = [...keys].map(async (key) => [key, await table.get(tenantId, key)] as [string, ReadRow]);
    return new Map(await Promise.all(rows));
  }

  async function writeTogether(entries: readonly Entry[]): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const [standing, rows] = await Promise.all([read(), rowsOf(entries)]);
      const book = openUsageBook(tenantId, rows, now());
      for (const { write } of entries) write(book, standing);
      const changes = book.changes();
      if (changes.length === 0 || (await table.change(changes))) return;
    }
    throw new Error("The count of containments is changed too often");
  }

  let waiting: Entry[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const entries = waiting.slice(0, MOST_ENTRIES);
      waiting = waiting.slice(MOST_ENTRIES);
      await writeTogether(entries).then(
        () => entries.forEach(({ done }) => void done.resolve()),
        (error: unknown) => entries.forEach(({ done }) => void done.reject(error)),
      );
    }
    isWriting = false;
  }

  /** @param write may be called more than once; its last call counts */
  function inBook(place: Place, write: Entry["write"]): Promise<void> {
    const done = Promise.withResolvers<void>();
    waiting.push({ place, write, done });
    if (!isWriting) void writeAll();
    return done.promise;
  }

  return {
    read,
    changeKillSwitch: (change) => changeState(KILL_SWITCH, KILL_SWITCH_OFF, change),
    changeBreaker: (change) => changeState(BREAKER, CLOSED_BREAKER, change),
    async takePlace(place, judge) {
      let taken: Awaited<ReturnType<PolicyState["takePlace"]>> | undefined;
      await inBook(place, (book, standing) => {
        const verdict = judge({ ...standing, usage: book.usageFor(place) });
        taken = { ...standing, verdict, isNew: verdict.verdict === "allow" && book.take(place) };
      });
      if (!taken) throw new Error("A place is taken or refused by now");
      return taken;
    },
    giveBackPlace: (place) => inBook(place, (book) => book.giveBack(place)),
  };
}

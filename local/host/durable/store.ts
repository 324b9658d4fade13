import type { Database } from "./database.ts";
import type { EntityRequest, HistoryEvent, RuntimeStatus } from "./history.ts";

/** Which orchestration waits for this one, and under which id. */
export interface ParentInstance {
  instanceId: string;
  executionId: string;
  name: string;
  taskId: number;
}

/** An orchestration without its history. Texts named input, output and customStatus are JSON. */
export interface InstanceRow {
  id: string;
  executionId: string;
  name: string;
  version: string | null;
  status: RuntimeStatus;
  input: string | null;
  output: string | null;
  customStatus: string | null;
  createdAt: number;
  updatedAt: number;
  parent: string | null;
}

export interface MessageRow {
  id: number;
  instanceId: string;
  event: string;
  dueAt: number | null;
}

export interface TaskRow {
  id: number;
  instanceId: string;
  executionId: string;
  taskId: number;
  name: string;
  input: string;
}

export interface EntityRow {
  id: string;
  state: string | null;
  isPresent: number;
  lockedBy: string | null;
  updatedAt: number;
}

export interface EntityMessageRow {
  id: number;
  entityId: string;
  request: string;
  dueAt: number | null;
}

export interface InstanceFilter {
  from?: number | undefined;
  to?: number | undefined;
  statuses?: readonly string[] | undefined;
  prefix?: string | undefined;
  /** The last one of the page before. */
  after?: { createdAt: number; id: string } | undefined;
  limit: number;
}

export interface EntityFilter {
  /** `@name@` for all of one name, `@` for all. */
  prefix: string;
  /** The last one of the page before. */
  after?: string;
  /** When it was last changed. */
  from?: number;
  to?: number;
  limit: number;
}

const byTime = (a: InstanceRow, b: InstanceRow): number =>
  a.createdAt - b.createdAt || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));

export type Store = ReturnType<typeof createStore>;

/**
 * The rows of the engine. Reads see what is on disk; writes are to be called inside `Database.write`.
 *
 * Ids of messages and tasks are given by the caller, counted up from the highest ones found at the start, so that a
 * message can be handed on in memory under the id it has on disk.
 */
export function createStore({ sql }: Database) {
  const prepared = new Map<string, ReturnType<typeof sql.prepare>>();
  const statement = (text: string) => {
    const known = prepared.get(text) ?? sql.prepare(text);
    prepared.set(text, known);
    return known;
  };
  const run = (text: string, ...values: (string | number | null)[]) => void statement(text).run(...values);
  const all = <Row>(text: string, ...values: (string | number | null)[]) => statement(text).all(...values) as Row[];
  const one = <Row>(text: string, ...values: (string | number | null)[]) =>
    statement(text).get(...values) as Row | undefined;

  const highest = (table: string) => one<{ id: number | null }>(`SELECT max(id) AS id FROM ${table}`)?.id ?? 0;
  let lastId = Math.max(highest("messages"), highest("tasks"), highest("entityMessages"));

  return {
    nextId: (): number => ++lastId,

    instance: (id: string) => one<InstanceRow>("SELECT * FROM instances WHERE id = ?", id),
    unfinished: () =>
      all<InstanceRow>("SELECT * FROM instances WHERE status IN ('Pending', 'Running', 'ContinuedAsNew', 'Suspended')"),
    saveInstance: (row: InstanceRow) =>
      run(
        "INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ...[row.id, row.executionId, row.name, row.version, row.status, row.input, row.output, row.customStatus],
        ...[row.createdAt, row.updatedAt, row.parent],
      ),
    /** Writes down what a turn may change, apart from the end of an orchestration or its execution. */
    updateInstance: ({ id, status, customStatus, updatedAt }: InstanceRow) =>
      run(
        "UPDATE instances SET status = ?, customStatus = ?, updatedAt = ? WHERE id = ?",
        status,
        customStatus,
        updatedAt,
        id,
      ),
    /** By the time they were made, then by id. */
    instances({ from = 0, to = Number.MAX_SAFE_INTEGER, statuses, prefix = "", after, limit }: InstanceFilter) {
      // One lower bound, not two, and one status at a time: the index then leads straight to a page, however many
      // come before it.
      const start = after && after.createdAt >= from ? after : { createdAt: from, id: "" };
      const page = (condition: string, ...values: string[]) =>
        all<InstanceRow>(
          `SELECT * FROM instances WHERE ${condition} (createdAt, id) > (?, ?) AND createdAt <= ? AND substr(id, 1, ?) = ?
           ORDER BY createdAt, id LIMIT ?`,
          ...[...values, start.createdAt, start.id, to, prefix.length, prefix, limit],
        );
      if (!statuses) return page("");
      const pages = [...new Set(statuses)].map((status) => page("status = ? AND", status));
      return pages.flat().sort(byTime).slice(0, limit);
    },
    /** Forgets an orchestration and all that belongs to it. */
    deleteInstance(id: string) {
      for (const table of ["history", "messages", "tasks"]) run(`DELETE FROM ${table} WHERE instanceId = ?`, id);
      run("DELETE FROM instances WHERE id = ?", id);
    },

    history: (id: string) =>
      all<{ event: string }>("SELECT event FROM history WHERE instanceId = ? ORDER BY position", id).map(
        ({ event }) => event,
      ),
    addHistory: (id: string, position: number, event: string) =>
      run("INSERT INTO history VALUES (?, ?, ?)", id, position, event),
    clearHistory: (id: string) => run("DELETE FROM history WHERE instanceId = ?", id),

    messages: () => all<MessageRow>("SELECT * FROM messages ORDER BY id"),
    addMessage: (id: number, instanceId: string, event: HistoryEvent, dueAt: number | null = null) =>
      run("INSERT INTO messages VALUES (?, ?, ?, ?)", id, instanceId, JSON.stringify(event), dueAt),
    deleteMessage: (id: number) => run("DELETE FROM messages WHERE id = ?", id),
    deleteMessagesOf: (instanceId: string) => run("DELETE FROM messages WHERE instanceId = ?", instanceId),

    tasks: () => all<TaskRow>("SELECT * FROM tasks ORDER BY id"),
    addTask: ({ id, instanceId, executionId, taskId, name, input }: TaskRow) =>
      run("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)", id, instanceId, executionId, taskId, name, input),
    deleteTasksOf: (instanceId: string) => run("DELETE FROM tasks WHERE instanceId = ?", instanceId),
    deleteTask: (id: number) => run("DELETE FROM tasks WHERE id = ?", id),

    entity: (id: string) => one<EntityRow>("SELECT * FROM entities WHERE id = ?", id),
    entities: ({ prefix, after = "", from = 0, to = Number.MAX_SAFE_INTEGER, limit }: EntityFilter) =>
      all<EntityRow>(
        `SELECT * FROM entities WHERE isPresent = 1 AND id > ? AND substr(id, 1, ?) = ? AND updatedAt BETWEEN ? AND ?
         ORDER BY id LIMIT ?`,
        ...[after, prefix.length, prefix, from, to, limit],
      ),
    saveEntity: ({ id, state, isPresent, lockedBy, updatedAt }: EntityRow) =>
      run("INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?)", id, state, isPresent, lockedBy, updatedAt),
    deleteEntity: (id: string) => run("DELETE FROM entities WHERE id = ?", id),
    entityMessages: () => all<EntityMessageRow>("SELECT * FROM entityMessages ORDER BY id"),
    addEntityMessage: (id: number, entityId: string, request: EntityRequest, dueAt: number | null = null) =>
      run("INSERT INTO entityMessages VALUES (?, ?, ?, ?)", id, entityId, JSON.stringify(request), dueAt),
    deleteEntityMessage: (id: number) => run("DELETE FROM entityMessages WHERE id = ?", id),
  };
}

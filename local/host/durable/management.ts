import type { Changes } from "./changes.ts";
import { collectChanges } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Functions } from "./functions.ts";
import { EventType, type HistoryEvent, historyEvent, isEnded, type RuntimeStatus } from "./history.ts";
import { type LiveInstance, parseHistory } from "./live-instance.ts";
import type { NewInstance, Orchestrations } from "./orchestrations.ts";
import type { Post } from "./post.ts";
import { rewind } from "./rewind.ts";
import type { EntityFilter, EntityRow, InstanceFilter, InstanceRow, Store } from "./store.ts";

/** How a request about one orchestration ended. */
export type Outcome = "done" | "unknown" | "ended" | "refused";

/** What may be asked of the engine from outside: what the Durable client needs. */
export interface Management {
  /** Starts an orchestration. `exists` when one of this id has not ended, `no-function` when the app has none of the name. */
  startNew(instance: NewInstance): Promise<"started" | "exists" | "no-function">;
  instance(id: string): InstanceRow | undefined;
  instances(filter: InstanceFilter): InstanceRow[];
  history(id: string): HistoryEvent[];
  raiseEvent(id: string, name: string, input: string): Promise<Outcome>;
  terminate(id: string, reason: string): Promise<Outcome>;
  suspend(id: string, reason: string): Promise<Outcome>;
  resume(id: string, reason: string): Promise<Outcome>;
  /** Puts a failed orchestration back to before its failures. */
  rewind(id: string, reason: string): Promise<Outcome>;
  /** Forgets an orchestration that has ended. */
  purge(ids: readonly string[]): Promise<number>;
  entity(id: string): EntityRow | undefined;
  entities(filter: EntityFilter): EntityRow[];
  signalEntity(id: string, operation: string, input: string): Promise<void>;
}

interface Surroundings {
  functions: Functions;
  database: Database;
  store: Store;
  post: Post;
  clock: Clock;
  live: Map<string, LiveInstance>;
  orchestrations: Orchestrations;
}

export function createManagement(around: Surroundings): Management {
  const { functions, database, store, post, clock, live, orchestrations } = around;

  /** Sends something to an orchestration that is there and has not ended; resolves when it is on disk. */
  async function send(id: string, event: HistoryEvent): Promise<Outcome> {
    const row = live.get(id)?.row ?? store.instance(id);
    if (!row) return "unknown";
    if (isEnded(row.status)) return "ended";
    await committed((changes) => post.toInstance(changes, id, event));
    return "done";
  }

  async function committed(change: (changes: Changes) => void): Promise<void> {
    const changes = collectChanges(database);
    change(changes);
    await changes.commit();
  }

  return {
    async startNew(instance) {
      if (!functions.orchestration(instance.name)) return "no-function";
      return (await orchestrations.start(instance)) ? "started" : "exists";
    },
    instance: (id) => store.instance(id),
    instances: (filter) => store.instances(filter),
    history: (id) => parseHistory(store.history(id)),

    raiseEvent: (id, name, input) =>
      send(id, historyEvent(EventType.EventRaised, clock.now(), { Name: name, Input: input })),
    terminate: (id, reason) => send(id, historyEvent(EventType.ExecutionTerminated, clock.now(), { Input: reason })),
    suspend: (id, reason) => send(id, historyEvent(EventType.ExecutionSuspended, clock.now(), { Reason: reason })),
    resume: (id, reason) => send(id, historyEvent(EventType.ExecutionResumed, clock.now(), { Reason: reason })),
    rewind: (id, reason) => rewind(around, id, reason),

    async purge(ids) {
      const ended = ids.filter((id) => !live.has(id) && isEnded(store.instance(id)?.status as RuntimeStatus));
      await database.write(() => ended.forEach(store.deleteInstance));
      return ended.length;
    },

    entity: (id) => store.entity(id),
    entities: (filter) => store.entities(filter),
    signalEntity: (id, op, input) =>
      committed((changes) => post.toEntity(changes, id, { op, signal: true, input, id: "" })),
  };
}

import type { FunctionApp, RegisteredFunction } from "../worker/types.ts";
import { jsonOf } from "./activities.ts";
import { collectChanges } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import type { Functions } from "./functions.ts";
import { type EntityRequest, EventType, historyEvent } from "./history.ts";
import { entityIdOf } from "./plan.ts";
import type { Delivery, Post } from "./post.ts";
import type { EntityRow, Store } from "./store.ts";

interface Surroundings {
  app: FunctionApp;
  functions: Functions;
  database: Database;
  store: Store;
  post: Post;
  clock: Clock;
  log(level: string, message: string): void;
}

type Message = Delivery<EntityRequest>;

/** What the library gives back for a batch of operations. */
interface EntityState {
  entityExists: boolean;
  entityState?: string | null;
  results: { isError: boolean; result?: string }[];
  signals: { target: { name: string; key: string }; name: string; input: string; requestTime?: number }[];
}

export type Entities = ReturnType<typeof createEntities>;

/**
 * Runs entities: one batch at a time for each, operations in the order they came. State, answers and signals of a batch
 * are one commit. While an orchestration holds the lock, only what it sends is dealt with.
 */
export function createEntities({ app, functions, database, store, post, clock, log }: Surroundings) {
  const inboxes = new Map<string, Message[]>();
  const busy = new Set<string>();
  const turns = new Set<Promise<void>>();
  let isStopped = false;

  function pump(entityId: string): void {
    if (busy.has(entityId) || isStopped) return;
    busy.add(entityId);
    const work = workOn(entityId)
      .catch((error: unknown) => log("error", `entity ${entityId}: ${(error as Error).message}`))
      .finally(() => turns.delete(work));
    turns.add(work);
  }

  /** Works until nothing is left that may be done now. In the moment it sees that, the entity is free for new work. */
  async function workOn(entityId: string): Promise<void> {
    try {
      while (!isStopped) {
        const inbox = inboxes.get(entityId) ?? [];
        const row = store.entity(entityId) ?? newEntity(entityId);
        const batch = nextBatch(inbox, row.lockedBy);
        const [first] = batch;
        if (!first) return;
        if (first.content.lockset || first.content.release) await changeLock(row, first);
        else await perform(row, batch);
        const done = new Set(batch);
        inboxes.set(
          entityId,
          (inboxes.get(entityId) ?? []).filter((message) => !done.has(message)),
        );
      }
    } finally {
      busy.delete(entityId);
      if (inboxes.get(entityId)?.length === 0) inboxes.delete(entityId);
    }
  }

  async function perform(row: EntityRow, batch: Message[]): Promise<void> {
    const { name, key } = partsOf(row.id);
    const fn = functions.entity(name);
    if (!fn) return refuse(row, batch, `The app has no entity named "${name}".`);

    const trigger = {
      self: { name, key },
      exists: row.isPresent === 1,
      state: row.state,
      batch: batch.map(({ content }) => ({
        name: content.op ?? "",
        input: content.input ?? null,
        isSignal: content.signal === true,
      })),
    };
    const state = await runBatch(fn, trigger).catch((error: unknown) => error as Error);
    if (state instanceof Error) return refuse(row, batch, state.message);

    const changes = collectChanges(database);
    const next = { ...row, isPresent: state.entityExists ? 1 : 0, state: state.entityState ?? null };
    changes.write(() => {
      save({ ...next, updatedAt: clock.now().getTime() });
      for (const { id } of batch) store.deleteEntityMessage(id);
    });
    for (const [index, { content }] of batch.entries()) {
      const result = state.results[index];
      if (!content.signal) answer(changes, content, result?.isError === true, result?.result);
      else if (result?.isError) log("warning", `entity ${row.id}: the signal "${content.op}" failed: ${result.result}`);
    }
    for (const { target, name: op, input } of state.signals) {
      post.toEntity(changes, entityIdOf(target), { op, signal: true, input, id: "" });
    }
    await changes.commit();
  }

  /** An operation that fails is part of the result; this rejects only when the batch could not be run at all. */
  async function runBatch(fn: RegisteredFunction, trigger: object): Promise<EntityState> {
    const { returnValue, error } = await app.invoke(fn, { triggerData: { json: JSON.stringify(trigger) } });
    if (error) throw error;
    const { results = [], signals = [], ...state } = JSON.parse(jsonOf(returnValue)) as EntityState;
    if (signals.some(({ target }) => !target?.name || !target.key)) {
      throw new Error("It signals an entity that has no name or no key.");
    }
    return { ...state, results, signals };
  }

  /** An entity that holds nothing leaves no row behind. */
  function save(row: EntityRow): void {
    if (row.isPresent || row.lockedBy) store.saveEntity(row);
    else store.deleteEntity(row.id);
  }

  /** The caller gets text as text: the library parses what it finds in `result`, whatever it is. */
  function answer(
    changes: ReturnType<typeof collectChanges>,
    { id, parent, parentExecution, op }: EntityRequest,
    isError: boolean,
    result: string | undefined,
  ): void {
    if (!parent) return;
    const failure = JSON.stringify(`Entity operation "${op}" failed: ${result ?? "no reason given"}`);
    const body = isError ? { result: failure, exceptionType: "Error" } : { ...(result && { result }) };
    const fields = { Name: id, Input: JSON.stringify(body), TargetExecutionId: parentExecution };
    post.toInstance(changes, parent, historyEvent(EventType.EventRaised, clock.now(), fields));
  }

  async function refuse({ id: entityId }: EntityRow, batch: Message[], reason: string): Promise<void> {
    const changes = collectChanges(database);
    for (const { id, content } of batch) {
      changes.write(() => store.deleteEntityMessage(id));
      if (content.signal) log("warning", `entity ${entityId}: the signal "${content.op}" was dropped: ${reason}`);
      else answer(changes, content, true, reason);
    }
    await changes.commit();
  }

  /** A lock goes from entity to entity in their order; the last one tells the orchestration. */
  async function changeLock(row: EntityRow, { id, content }: Message): Promise<void> {
    const changes = collectChanges(database);
    const lockedBy = content.release ? null : lockOf(content);
    changes.write(() => {
      save({ ...row, lockedBy, updatedAt: clock.now().getTime() });
      store.deleteEntityMessage(id);
    });
    const { lockset = [], pos = 0 } = content;
    const next = lockset[pos + 1];
    if (!content.release && next) post.toEntity(changes, entityIdOf(next), { ...content, pos: pos + 1 });
    else if (!content.release) answer(changes, content, false, undefined);
    await changes.commit();
  }

  return {
    deliver(entityId: string, message: Message): void {
      const inbox = inboxes.get(entityId) ?? [];
      inbox.push(message);
      inboxes.set(entityId, inbox);
      pump(entityId);
    },
    isBusy: () => turns.size > 0,

    async drain(): Promise<void> {
      isStopped = true;
      await Promise.all(turns);
    },
  };
}

/** Operations up to the next lock request; under a lock only those of its holder. */
function nextBatch(inbox: readonly Message[], lockedBy: string | null): Message[] {
  const { holder, lockId } = lockedBy === null ? {} : holderOf(lockedBy);
  const open = inbox.filter(({ content }) => {
    // A release that comes before its lock waits for it: the orchestration has ended before the lock was its own.
    if (content.release) return content.id === lockId;
    return lockedBy === null || (content.parent === holder && !content.lockset);
  });
  const [first] = open;
  if (first && (first.content.lockset || first.content.release)) return [first];
  const end = open.findIndex(({ content }) => content.lockset || content.release);
  return end < 0 ? [...open] : open.slice(0, end);
}

const lockOf = ({ parent, id }: EntityRequest): string => JSON.stringify({ holder: parent, lockId: id });
const holderOf = (lockedBy: string) => JSON.parse(lockedBy) as { holder?: string; lockId?: string };

const newEntity = (id: string): EntityRow => ({ id, state: null, isPresent: 0, lockedBy: null, updatedAt: 0 });

export function partsOf(entityId: string): { name: string; key: string } {
  const end = entityId.indexOf("@", 1);
  return { name: entityId.slice(1, end), key: entityId.slice(end + 1) };
}

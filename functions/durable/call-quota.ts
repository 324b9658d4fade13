import * as df from "durable-functions";
import { limitOf } from "../../shared/defender/limits.ts";
import { claim, createQuotaState, giveBack, type QuotaState, reserve, throttled } from "../../shared/quota/governor.ts";
import type { GroupCalls } from "../../shared/quota/groups-of.ts";
import { scaleLimit } from "../../shared/quota/limit.ts";
import type { Priority } from "../../shared/quota/priority.ts";

const ENTITY = "call-quota";

/** Slots this close together serve one step: the earlier ones are used a little late. */
const TOGETHER_MS = 300;

/** Limits that crowd each other out are not chased for ever; a 429 would be waited out. */
const MOST_ROUNDS = 8;

/**
 * Keeps the reservations of each group of calls.
 *
 * @param limitScale the share of Defender's limits this app may use
 */
export function registerCallQuota({ limitScale }: { limitScale: number }): void {
  df.app.entity<QuotaState>(ENTITY, ({ df: entity }) => {
    const state = entity.getState(createQuotaState) ?? createQuotaState();
    const group = entity.entityKey.slice(entity.entityKey.indexOf(":") + 1);
    const limit = scaleLimit(limitOf(group), limitScale);
    const input = entity.getInput<never>() as never;
    switch (entity.operationName) {
      case "reserve":
        entity.return(reserve(state, limit, input).at);
        break;
      case "claim":
        entity.return(claim(state, limit, input).at);
        break;
      case "giveBack":
        giveBack(state, input);
        break;
      case "throttled":
        throttled(state, input);
    }
    entity.setState(state);
  });
}

/** What is reserved of one limit; nothing where nobody has asked yet. */
export async function readQuota(
  client: df.DurableClient,
  tenantId: string,
  group: string,
): Promise<QuotaState | undefined> {
  const { entityExists, entityState } = await client.readEntityState<QuotaState>(entityOf(tenantId, group));
  return entityExists ? entityState : undefined;
}

const entityOf = (tenantId: string, group: string) => new df.EntityId(ENTITY, `${tenantId}:${group}`);

/** The limits of one tenant, as a run sees them. */
export interface CallQuota {
  /**
   * Waits until every one of some groups has room for a call, and takes it.
   *
   * @param wait waits until a time; called each time there is no room yet
   */
  take(
    groups: readonly GroupCalls[],
    priority: Priority,
    wait: (until: Date) => Generator<df.Task, void>,
  ): Generator<df.Task, void>;
  /** Passes on what Defender said: nobody calls this group before. */
  throttled(group: string, until: number): void;
}

export function callQuota(durable: df.DurableOrchestrationContext, tenantId: string): CallQuota {
  const now = () => durable.currentUtcDateTime.getTime();

  /** Asks about some slots at once; each answer is a time, and one that is not in the future is a grant. */
  function* ask(operation: "reserve" | "claim", slots: Slot[], priority: Priority, notBefore: number) {
    if (slots.length === 0) return;
    const asked = now();
    const calls = slots.map(({ group, count, at }) => {
      const moment = at === undefined ? { notBefore } : { at };
      return durable.callEntity(entityOf(tenantId, group), operation, { now: asked, priority, count, ...moment });
    });
    const times: number[] = yield durable.Task.all(calls);
    for (const [index, slot] of slots.entries()) {
      slot.at = times[index];
      slot.isGranted = (slot.at ?? 0) <= asked;
    }
  }

  return {
    *take(groups, priority, wait) {
      const slots: Slot[] = groups.map(({ group, count }) => ({ group, count, at: undefined, isGranted: false }));
      for (let round = 1, target = now(); ; round++) {
        yield* ask("reserve", slots.filter(isOpen), priority, target);
        if (slots.every(({ isGranted }) => isGranted)) return;
        target = Math.max(...slots.map(({ at = 0 }) => at));

        // A slot used much later than it was meant for would count in the wrong minute: take a later one.
        const early = slots.filter(({ at = 0 }) => at < target - TOGETHER_MS);
        if (early.length > 0 && round < MOST_ROUNDS) {
          for (const slot of early) {
            const given = { now: now(), at: slot.at, priority, count: slot.count };
            durable.signalEntity(entityOf(tenantId, slot.group), "giveBack", given);
            Object.assign(slot, { at: undefined, isGranted: false });
          }
          continue;
        }
        if (target > now()) yield* wait(new Date(target));
        const waiting = slots.filter(({ isGranted }) => !isGranted);
        yield* ask("claim", waiting, priority, target);
        if (waiting.every(({ isGranted }) => isGranted)) return;
      }
    },
    throttled: (group, until) => durable.signalEntity(entityOf(tenantId, group), "throttled", { now: now(), until }),
  };
}

interface Slot extends GroupCalls {
  /** When it may be used, in milliseconds since the epoch; nothing while it is not reserved. */
  at: number | undefined;
  /** Whether the call counts as made. */
  isGranted: boolean;
}

const isOpen = ({ at }: Slot): boolean => at === undefined;

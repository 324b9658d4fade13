import type { MachineId } from "../machines/machine.ts";
import { and, isOneOf } from "../odata/filter.ts";
import { allOf, type ListQuery } from "../odata/list.ts";
import type { MachineActionProperty } from "./client.ts";
import type { ListPace } from "./list-pace.ts";
import { isOwnAction, type MachineAction } from "./machine-action.ts";

type List = (query: ListQuery<MachineActionProperty>) => AsyncIterable<MachineAction>;

/** What one step wants to know, and how it is told. */
interface Lookup {
  machineId: MachineId;
  types: readonly string[];
  /** The run that asks. */
  runId: string | undefined;
  answer: PromiseWithResolvers<MachineAction[]>;
}

/** More ids make an address longer than gateways take. */
const MOST_MACHINES = 25;

/** The most rows a list can give in one call. */
const MOST_ROWS = 10_000;

/** From so many rows on, a list may have been full: rows that could not be read are not counted. */
const FULL = 0.9 * MOST_ROWS;

/**
 * Looks up the newest machine actions of a machine, newest first, for many steps with few calls: an outbreak has a
 * hundred steps look at the same moment, and the list may be asked for 100 times a minute only. Once many lists were asked
 * for, those who look meanwhile share the next one.
 *
 * An answer is always from a list that was asked for after the step began to look, as what happened before counts.
 */
export function createRecentActions(list: List, pace: ListPace) {
  const counted: List = (query) => {
    pace.count();
    return list(query);
  };
  let waiting: Lookup[] = [];
  let isLooking = false;

  async function lookForAll(): Promise<void> {
    isLooking = true;
    while (waiting.length > 0) {
      await pace.ready();
      const lookups = waiting;
      waiting = [];
      await answerAll(lookups, counted);
    }
    isLooking = false;
  }

  return (machineId: MachineId, types: readonly string[], runId?: string): Promise<MachineAction[]> => {
    const answer = Promise.withResolvers<MachineAction[]>();
    waiting.push({ machineId, types, runId, answer });
    if (!isLooking) void lookForAll();
    return answer.promise;
  };
}

async function answerAll(lookups: readonly Lookup[], list: List): Promise<void> {
  try {
    const actions = await actionsOf(lookups, list);
    for (const lookup of lookups) {
      const its = actions.filter((action) => isAbout(action, lookup, lookups));
      lookup.answer.resolve(its.filter(({ type }) => lookup.types.includes(type ?? "")).sort(newestFirst));
    }
  } catch (error) {
    for (const { answer } of lookups) answer.reject(error);
  }
}

/**
 * Right after the request Defender may not say which machine an action is on. That is known where one machine was asked
 * about, or where the run that asked for it asks about one machine only.
 */
function isAbout(action: MachineAction, { machineId }: Lookup, lookups: readonly Lookup[]): boolean {
  if (action.machineId) return action.machineId.toLowerCase() === machineId.toLowerCase();
  const own = lookups.filter(({ runId }) => runId !== undefined && isOwnAction(action, runId));
  return (own.length > 0 ? own : lookups).every((lookup) => lookup.machineId === machineId);
}

async function actionsOf(lookups: readonly Lookup[], list: List): Promise<MachineAction[]> {
  const machineIds = [...new Set(lookups.map(({ machineId }) => machineId))];
  const types = isOneOf<MachineActionProperty>("type", [...new Set(lookups.flatMap(({ types }) => types))]);
  if (machineIds.length > MOST_MACHINES) {
    const ofAll = await allOf(list({ filter: types, atMost: MOST_ROWS }));
    // A list that is full may lack the older actions of some. One of all machines tells nothing without naming them.
    const isTold = (action: MachineAction) =>
      action.machineId || lookups.some(({ runId }) => runId !== undefined && isOwnAction(action, runId));
    if (ofAll.length < FULL) return ofAll.filter(isTold);
  }
  const found: MachineAction[] = [];
  for (let first = 0; first < machineIds.length; first += MOST_MACHINES) {
    const some = isOneOf<MachineActionProperty>("machineId", machineIds.slice(first, first + MOST_MACHINES));
    found.push(...(await allOf(list({ filter: and(some, types) }))));
  }
  return found;
}

/** A new action may not say yet when it was made. */
const newestFirst = (one: MachineAction, other: MachineAction): number => createdAt(other) - createdAt(one);

const createdAt = ({ creationDateTimeUtc }: MachineAction): number =>
  creationDateTimeUtc ? Date.parse(creationDateTimeUtc) : Number.MAX_SAFE_INTEGER;

import type { MachineActionProperty } from "../defender/machine-actions/client.ts";
import { isFinished, type MachineAction } from "../defender/machine-actions/machine-action.ts";
import { and, type Filter, ge, instant, isOneOf, le, or } from "../defender/odata/filter.ts";
import type { Look, Watch } from "./watch.ts";

/** An action that ends within this time is seen with its end in the one list; an older one that is gone must be asked for. */
const RECENT_MS = 15 * 60_000;

/** The service's clock may differ from ours, and `since` may be ours. */
const MARGIN_MS = 5 * 60_000;

/** Defender gives an action up after three days. What began long before, or is still to come, is no time to ask for. */
const CREDIBLE_MS = 30 * 86_400_000;

const at = (ms: number) => instant(new Date(ms).toISOString());

/**
 * What the one list asks for: every open action, and the recent ones however they ended. Its length does not depend on
 * who waits, and only filters that Microsoft documents are used.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection
 */
export const openOrRecent = (now: number): Filter<MachineActionProperty> =>
  or(isOneOf("status", ["Pending", "InProgress"]), ge("creationDateTimeUtc", at(now - RECENT_MS - MARGIN_MS)));

/** Compares those who wait with the list. An action too young to be listed is neither ended nor gone. */
export function compare(watches: readonly Watch[], actions: readonly MachineAction[], now: number): Look {
  const byId = new Map(actions.map((action) => [action.id, action]));
  const look: Look = { ended: [], gone: [], lost: [] };
  for (const watch of watches) {
    const action = byId.get(watch.machineActionId);
    const ageMs = now - Date.parse(watch.since);
    if (action && isFinished(action)) look.ended.push({ watch, action });
    else if (!(Math.abs(ageMs) < CREDIBLE_MS)) look.lost.push(watch);
    else if (!action && ageMs > RECENT_MS) look.gone.push(watch);
  }
  return look;
}

/** What a second list asks for: the actions of the time in which those that are gone were made. */
export function madeWhenTheyWere(watches: readonly Watch[]): Filter<MachineActionProperty> {
  const times = watches.map(({ since }) => Date.parse(since));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return and(ge("creationDateTimeUtc", at(first - MARGIN_MS)), le("creationDateTimeUtc", at(last + MARGIN_MS)));
}

import { z } from "zod";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { isFinished, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { allOf } from "../../shared/defender/odata/list.ts";
import { messageOf } from "../../shared/errors.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { countOutcomes, outcomesOf } from "../../shared/policy/containment-outcome.ts";
import type { Services } from "../../shared/services.ts";
import { compare, madeWhenTheyWere, openOrRecent } from "../../shared/watches/look.ts";
import type { Watch } from "../../shared/watches/watch.ts";

/** A page of the list. */
const ROWS_PER_LIST = 10_000;

/** How many runs are told at the same time. */
const TOLD_AT_ONCE = 20;

/**
 * Looks once at the machine actions of the tenant, tells the circuit breaker how containments ended, and tells every run whose action has ended, with the action as it
 * ended but for its lists; or with nothing, where no list of Defender's shows it and the run must look by itself.
 *
 * Safe to repeat: a run that was told is over its wait, and hears it the second time as nothing.
 *
 * @param input.now the time of the look, in milliseconds since the epoch
 * @throws Error when a run could not be told, after all others were; it goes on waiting
 * @returns how many runs go on waiting, how many lists it took, and how old the youngest action is they wait for
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection - 100 calls a minute, 1,500 an hour
 */
export const lookAtMachineActions = defineActivity({
  name: "lookAtMachineActions",
  summary: "Looks at all open machine actions at once and tells the runs whose action has ended.",
  effect: "write",
  isBookkeeping: true,
  calls: [machineActionCalls.list],
  repeat: "sets",
  input: z.object({ now: z.number() }),
  output: z.object({ waiting: z.number(), lists: z.number(), youngestMs: z.number() }),

  async perform({ now }, { defender, watches, runs, policy, policyState, audit }, { runId }) {
    const waiting = await watches.all();
    if (waiting.length === 0) return { waiting: 0, lists: 0, youngestMs: 0 };

    const listed = await allOf(defender.machineActions.list({ filter: openOrRecent(now) }));
    const { ended, gone, lost } = compare(waiting, listed, now);
    const earlier =
      gone.length === 0 ? [] : await allOf(defender.machineActions.list({ filter: madeWhenTheyWere(gone) }));
    const news = [...ended, ...lost.map((watch) => ({ watch, action: null })), ...newsOf(gone, earlier)];
    const outcomes = outcomesOf(news.flatMap(({ action }) => action ?? []));
    await countOutcomes({ policy, policyState, audit, runs }, runId, outcomes);
    await tellAll(news, { watches, runs });

    const told = new Set(news.map(({ watch }) => watch));
    const ages = waiting.filter((watch) => !told.has(watch)).map(({ since }) => now - Date.parse(since));
    const lists = listsOf(listed) + (gone.length === 0 ? 0 : listsOf(earlier));
    return { waiting: ages.length, lists, youngestMs: Math.max(0, Math.min(...ages, Number.MAX_SAFE_INTEGER)) };
  },
});

const listsOf = (rows: readonly unknown[]): number => Math.floor(rows.length / ROWS_PER_LIST) + 1;

interface News {
  watch: Watch;
  /** The action as it ended, or nothing where Defender does not list it. */
  action: MachineAction | null;
}

/** An action that is neither open, recent nor finished has a status that nobody knows: its run goes on waiting. */
function newsOf(gone: readonly Watch[], listed: readonly MachineAction[]): News[] {
  const byId = new Map(listed.map((action) => [action.id, action]));
  const news = gone.map((watch) => ({ watch, action: byId.get(watch.machineActionId) ?? null }));
  return news.filter(({ action }) => !action || isFinished(action));
}

/** What a run is told: an event can carry only so much, and no run needs the lists of an action that has ended. */
const Told = MachineAction.strip().omit({ commands: true });

async function tellAll(news: readonly News[], { watches, runs }: Pick<Services, "watches" | "runs">): Promise<void> {
  const failures: unknown[] = [];
  for (let first = 0; first < news.length; first += TOLD_AT_ONCE) {
    const telling = news.slice(first, first + TOLD_AT_ONCE).map(async ({ watch, action }) => {
      await runs.tell(watch.runId, watch.event, action && Told.parse(action));
      await watches.remove(watch);
    });
    const settled = await Promise.allSettled(telling);
    failures.push(...settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : [])));
  }
  if (failures.length === 0) return;
  throw new Error(`${failures.length} of ${news.length} runs could not be told: ${messageOf(failures[0])}`);
}

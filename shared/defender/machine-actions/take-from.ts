import { PermanentError } from "../../errors.ts";
import type { MachineId } from "../machines/machine.ts";
import { adoptOrAsk } from "./adopt-or-ask.ts";
import { machineActionCalls } from "./calls.ts";
import { cancelUnbegun } from "./cancel-unbegun.ts";
import type { MachineActions } from "./client.ts";
import { isInVain, type MachineAction, markOf } from "./machine-action.ts";
import { type Opposites, takeToAdopt } from "./opposites.ts";

/** What a step needs beside its own request. Hardly any has to cancel: reserving that for each would hold up releases. */
export const callsToTake = [{ ...machineActionCalls.cancel, shared: true as const }, machineActionCalls.list];

interface TakeFrom {
  machineActions: MachineActions;
  machineId: MachineId;
  opposites: Opposites;
  /** Those that take as much as is wanted; absent where there is but one. */
  scopes?: readonly string[];
  comment: string;
  runId: string;
  /** When the run first wanted it. */
  askedAt?: string | undefined;
  ask(request: { comment: string }): Promise<MachineAction>;
}

/**
 * Takes something from a machine, so that nothing given back before can take effect afterwards: what has not begun is
 * cancelled, and what is being carried out is waited for. What stands already, or is on its way, is adopted.
 *
 * @throws MustWaitError while something that gives back is being carried out, or changes under our hands
 * @throws PermanentError `Superseded` when it was given back after the run wanted it taken
 */
export function takeFrom({
  machineActions,
  machineId,
  opposites,
  scopes,
  ...request
}: TakeFrom): Promise<MachineAction> {
  const { takes, gives, noun, undoing } = opposites;
  const comment = `${markOf(request.runId)} ${request.comment}`;
  const words = { noun: undoing, waits: `the ${noun} is asked for` };

  return adoptOrAsk({
    what: `the ${noun} of machine ${machineId}`,
    find: async () => {
      const changes = await machineActions.recent(machineId, [takes, gives], request.runId);
      refuseLate(changes, opposites, request.askedAt);
      const ends = changes.filter(({ type }) => type === gives);
      const cancelled = new Set((await cancelUnbegun(machineActions, ends, { comment, words })).map(({ id }) => id));
      const left = changes.filter(({ id }) => !cancelled.has(id));
      return takeToAdopt(left, opposites, request.runId, scopes);
    },
    ask: () => request.ask({ comment }),
    isOther: ({ scope }) => Boolean(scope && scopes && !scopes.some((one) => one === scope)),
  });
}

/** Defender's clock and that of the run may differ a little. */
const SKEW_MS = 60_000;

/** A step may be held up for hours, by limits or an outage. Who released the machine meanwhile knew more than the run. */
function refuseLate(changes: readonly MachineAction[], { gives, noun, undoing }: Opposites, askedAt?: string): void {
  const latest = changes.find((action) => !isInVain(action));
  if (askedAt === undefined || latest?.type !== gives) return;
  const { id, creationDateTimeUtc } = latest;
  if (Date.parse(creationDateTimeUtc ?? "") <= Date.parse(askedAt) + SKEW_MS || !creationDateTimeUtc) return;
  throw new PermanentError(
    "Superseded",
    `The ${noun} was wanted at ${askedAt}, and the ${undoing} ${id} was asked for at ${creationDateTimeUtc}, later than that. Start a new run to ask for it again`,
  );
}

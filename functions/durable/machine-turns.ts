import * as df from "durable-functions";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { emptyQueue, enter, leave, type TurnQueue } from "../../shared/machine-turns/turn-queue.ts";

const ENTITY = "turns";

/** How long a place is kept for a run that is not heard of. */
const LEASE_MS = 15 * 60_000;

/** An activity that begins in time has so long to end before its turn may be another's. */
const MARGIN_MS = 8 * 60_000;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

interface Place {
  ticket: string;
  now: number;
  until: number;
}

/** Keeps the lines of each machine. */
export function registerMachineTurns(): void {
  df.app.entity<TurnQueue>(ENTITY, ({ df: entity }) => {
    const queue = entity.getState(emptyQueue) ?? emptyQueue();
    const place = entity.getInput<Place>() as Place;
    if (entity.operationName === "enter") entity.return(enter(queue, place));
    else leave(queue, place.ticket);
    entity.setState(queue);
    if (queue.line.length === 0) entity.destructOnExit();
  });
}

/** A run's place in one line of a machine. */
export interface MachineTurn {
  /** Gets in line and waits until it is this run's turn. Again later: keeps the turn, or gets in line anew if it was lost. */
  take(): Generator<df.Task, void>;
  /** When an activity of this turn must have begun, in milliseconds since the epoch. */
  endsAt(): number;
  leave(): void;
}

/**
 * @param line what is done in turn: an isolation does not wait for a scan
 * @param ticket tells the steps of all runs apart
 */
export function machineTurn(
  durable: df.DurableOrchestrationContext,
  { tenantId, machineId, line, ticket }: { tenantId: string; machineId: MachineId; line: string; ticket: string },
): MachineTurn {
  const queue = new df.EntityId(ENTITY, `${tenantId}:${machineId}:${line}`);
  const now = () => durable.currentUtcDateTime.getTime();
  let until = 0;
  return {
    *take() {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        until = now() + LEASE_MS;
        const place: Place = { ticket, now: now(), until };
        const isFirst: boolean = yield durable.callEntity(queue, "enter", place);
        if (isFirst) return;
        yield durable.createTimer(new Date(now() + pauseMs));
      }
    },
    endsAt: () => until - MARGIN_MS,
    leave: () => durable.signalEntity(queue, "leave", { ticket }),
  };
}

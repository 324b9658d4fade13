import * as df from "durable-functions";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { emptyQueue, enter, leave, type TurnQueue } from "../../shared/machine-turns/turn-queue.ts";

const ENTITY = "machine-turns";

/** Longer than all tries of a step take. A run that was ended by force blocks a machine no longer than this. */
const LEASE_MS = 30 * 60_000;

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

interface Place {
  ticket: string;
  now: number;
  until: number;
}

/** Keeps the line of each machine. */
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

/** A run's place in the line of one machine. */
export interface MachineTurn {
  /** Gets in line and waits until it is this run's turn; again later, to keep the turn for as long as `until`. */
  take(until?: number): Generator<df.Task, void>;
  leave(): void;
}

/** @param ticket tells the steps of all runs apart */
export function machineTurn(
  durable: df.DurableOrchestrationContext,
  { tenantId, machineId, ticket }: { tenantId: string; machineId: MachineId; ticket: string },
): MachineTurn {
  const line = new df.EntityId(ENTITY, `${tenantId}:${machineId}`);
  const now = () => durable.currentUtcDateTime.getTime();
  return {
    *take(until = 0) {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const place: Place = { ticket, now: now(), until: Math.max(until, now()) + LEASE_MS };
        const isFirst: boolean = yield durable.callEntity(line, "enter", place);
        if (isFirst) return;
        yield durable.createTimer(new Date(now() + pauseMs));
      }
    },
    leave: () => durable.signalEntity(line, "leave", { ticket }),
  };
}

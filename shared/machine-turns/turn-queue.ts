/**
 * Who may act on one machine, in the order in which they asked. Pure over a JSON state that a Durable entity keeps, one
 * per tenant and machine: two runs never ask Defender for something on the same machine at the same time, and an
 * isolation and a release never swap.
 */
export interface TurnQueue {
  /** The first one has its turn. */
  line: { ticket: string; until: number }[];
}

export const emptyQueue = (): TurnQueue => ({ line: [] });

/**
 * Gets in line, or shows that one is still there. Safe to repeat: a ticket keeps its place.
 *
 * @param until when the place is given up, in milliseconds since the epoch, if nothing is heard by then: a run that was
 *   ended by force must not hold up the others for ever
 * @returns whether it is this ticket's turn
 */
export function enter(
  queue: TurnQueue,
  { ticket, now, until }: { ticket: string; now: number; until: number },
): boolean {
  queue.line = queue.line.filter((other) => other.until > now || other.ticket === ticket);
  const known = queue.line.find((other) => other.ticket === ticket);
  if (known) known.until = until;
  else queue.line.push({ ticket, until });
  return queue.line[0]?.ticket === ticket;
}

/** Gives up the turn, or the place in line. Safe to repeat. */
export function leave(queue: TurnQueue, ticket: string): void {
  queue.line = queue.line.filter((other) => other.ticket !== ticket);
}

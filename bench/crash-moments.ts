import { earlierVersions, playbooks } from "../functions/playbooks/index.ts";
import { createRunControl } from "../functions/run-control.ts";
import { startAzurite } from "../local/azurite.ts";
import { virtualClock } from "../local/host/durable/virtual-clock.ts";
import { type StepMoment, startVirtualApp } from "../local/virtual-app.ts";
import { virtualStores } from "../local/virtual-stores.ts";
import type { TicketStore } from "../shared/tickets/ticket.ts";
import { addSubject, type ContainmentEnd, endOf, type Subject, subjectOf } from "./containment-end.ts";

const DAY_MS = 86_400_000;

/** A containment that was stopped at one moment, and what came of it. */
export interface Crash {
  moment: string;
  end: ContainmentEnd;
}

/**
 * Contains a device once for each moment before and after a step has its effect, in virtual time. At that moment the host
 * ends, with nothing kept but what was on disk, and starts again. Before a step is right after the one before it was
 * recorded.
 */
export async function crashAtEachMoment(): Promise<{ undisturbed: ContainmentEnd; crashes: Crash[] }> {
  const azurite = await startAzurite();
  try {
    const clock = virtualClock();
    const stores = virtualStores(azurite.connectionString, clock);
    const tickets = countingTickets(stores.tickets);
    const watch = { runId: "", moments: [] as string[], crashesAt: Number.POSITIVE_INFINITY };
    await using app = await startVirtualApp([...playbooks, ...earlierVersions], {
      clock,
      services: { ...stores, tickets: tickets.store },
      async onStep({ runId, activity, moment }: StepMoment) {
        if (runId !== watch.runId) return;
        watch.moments.push(`${activity} ${moment}`);
        if (watch.moments.length !== watch.crashesAt) return;
        void app.restart();
        // This process has ended: nobody hears any more what came of the step.
        await new Promise(() => {});
      },
    });

    async function contain(subject: Subject, crashesAt: number): Promise<ContainmentEnd> {
      const { runId, machineId, alertId } = subject;
      await addSubject(app.simulator, subject);
      Object.assign(watch, { runId, moments: [], crashesAt });
      const input = { machineId, alertId, joinMinutes: 0, leaseHours: 8_000 };
      await createRunControl(app.client).startOnce("contain-device", runId, input);
      const look = () => app.client.getStatus(runId);
      await app.passTime(async () => !["Pending", "Running"].includes((await look()).runtimeStatus), DAY_MS);
      const { runtimeStatus, output } = await look();
      const said = { status: runtimeStatus, outcome: output, tickets: await tickets.ofRun(runId) };
      return endOf(app.simulator, subject, said);
    }

    const undisturbed = await contain(subjectOf(0), Number.POSITIVE_INFINITY);
    const moments = [...watch.moments];
    const crashes: Crash[] = [];
    for (const [index, moment] of moments.entries()) {
      const end = await contain(subjectOf(index + 1), index + 1);
      const [activity] = moment.split(" ");
      if (watch.moments[index + 1] !== `${activity} begins`) throw new Error(`${activity} was not taken up again.`);
      crashes.push({ moment, end });
    }
    return { undisturbed, crashes };
  } finally {
    await azurite.stop();
  }
}

/** Remembers which tickets were opened for each run. */
function countingTickets(store: TicketStore) {
  const opened = new Map<string, Set<string>>();
  return {
    store: {
      ...store,
      async open(ticket, alias = ticket.correlationKey) {
        const keys = opened.get(alias) ?? new Set();
        opened.set(alias, keys.add(ticket.correlationKey));
        return store.open(ticket, alias);
      },
    } satisfies TicketStore,
    async ofRun(runId: string) {
      const tickets = await Promise.all([...(opened.get(runId) ?? [])].map((key) => store.get(key)));
      return tickets.filter((ticket) => ticket !== undefined);
    },
  };
}

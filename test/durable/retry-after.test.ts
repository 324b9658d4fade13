import { expect, test } from "vitest";
import { z } from "zod";
import { openTicket } from "../../functions/activities/open-ticket.ts";
import { startVirtualApp } from "../../local/virtual-app.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import type { Services } from "../../shared/services.ts";
import { TicketSystemUnavailable } from "../../shared/tickets/json-client.ts";

const RUN_ID = `run-${"7".padStart(40, "0")}`;

const openOne = definePlaybook({
  ...{ name: "open-one-ticket", version: 1, summary: "Opens a ticket." },
  input: z.object({}),
  *steps(run) {
    yield* run.step(openTicket, { title: "t", description: "d", severity: "High" });
  },
});

/** Seconds between the tries of one step, in a ticket system that refuses the first ones. */
async function pausesWhere(retryAfterMs: number | undefined, refused: number): Promise<number[]> {
  const tries: number[] = [];
  let now = () => 0;
  const tickets = {
    async open(ticket: object) {
      tries.push(now());
      const after = { wasRefused: true, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      if (tries.length <= refused) throw new TicketSystemUnavailable("asked to be left alone", after);
      return { ...ticket, id: "SEC-1", notes: [] };
    },
  };
  await using app = await startVirtualApp([openOne], { services: { tickets } as unknown as Partial<Services> });
  now = () => app.clock.now().getTime();
  await app.client.startNew(openOne.name, { instanceId: RUN_ID, input: {} });
  await app.passTime(async () => (await app.client.getStatus(RUN_ID)).runtimeStatus === "Completed", 24 * 3_600_000);
  return tries.slice(1).map((at, place) => Math.round((at - (tries[place] ?? 0)) / 1_000));
}

test("a step is tried again not before the time that a ticket system asks for", async () => {
  expect(await pausesWhere(90_000, 2)).toEqual([90, 90]);
});

test("a ticket system that wants to be left alone for hours holds no run up for so long", async () => {
  expect(await pausesWhere(3_600_000, 2)).toEqual([120, 120]);
});

test("where a ticket system does not say how long, pauses grow", async () => {
  expect(await pausesWhere(undefined, 3)).toEqual([5, 10, 20]);
});

import { z } from "zod";
import { NetworkValue, networkIndicatorOf } from "../../shared/defender/indicators/network-indicator.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { submitIndicator } from "../activities/submit-indicator.ts";
import { blockIndicator, expiryDays } from "./block-indicator.ts";
import { aboutAlert, describeAbout, openTicketOfRun, TELLING } from "./ticket-of-run.ts";

/** Blocks where devices connect to. */
export const blockNetworkIndicator = defineRunbook({
  name: "block-network-indicator",
  version: 1,
  summary: "Blocks an IP address, a domain or a URL on all devices, for a time.",
  when: "Devices talk to an address, a domain or a URL that is known to be bad.",
  does: "Has Defender block it on all devices until the indicator expires, and says so on ticket and alert.",
  asks: "Nobody by itself.",
  never:
    "Blocks an address that means something inside networks only, or a range. Does not end connections that are open.",
  undo: "`POST /api/runs/{id}/undo`, or delete the indicator in the Defender portal.",
  uses: [submitIndicator, ...TELLING],
  input: z.object({
    ...aboutAlert,
    value: NetworkValue.describe("An IP address, a domain with all below it, or a URL with its scheme"),
    expiryDays,
  }),

  *steps(run, input) {
    const { value, alertId } = input;
    const indicator = networkIndicatorOf(value);
    const what = `Block of ${indicator.indicatorValue}`;
    const block = yield* blockIndicator(run, input, {
      what,
      ...indicator,
      action: "Block",
      expiryDays: input.expiryDays,
    });
    const words = `${what}: ${block.words}`;
    const ticket = yield* openTicketOfRun(run, input, {
      title: what,
      lines: [`${what} (${indicator.indicatorType}) on all devices, for ${describeAbout(input)}.`, `${words}.`],
    });
    const told = yield* ticket.close(`${words}.`);
    return { outcome: block.outcome, words, alertId, indicatorId: block.indicatorId, ...told };
  },
});

import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";

/** Remembers up to when alerts were taken in from the API. Safe to repeat. */
export const movePollMark = defineActivity({
  name: "movePollMark",
  summary: "Remembers up to when alerts were taken in from the API.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: z.object({ to: z.int().describe("In milliseconds since the epoch") }),
  output: z.object({}),

  async perform({ to }, { pollMark }) {
    await pollMark.move(to);
    return {};
  },
});

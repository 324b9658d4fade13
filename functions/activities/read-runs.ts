import { z } from "zod";
import { atOnce } from "../../shared/at-once.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { RunOutcome } from "./read-run.ts";

/** How many runs are looked at in one go: what is given back of them stays small in the history. */
export const MOST_RUNS = 500;

const LOOKS_AT_ONCE = 20;
const LONGEST_WORDS = 200;

const SeenRun = z.object({
  runId: z.string(),
  state: z.enum(["absent", "under-way", "ended"]),
  words: z.string().optional().describe("How it ended, or where it stands, in its own words"),
  outcome: z.string().optional(),
});
export type SeenRun = z.infer<typeof SeenRun>;

/**
 * Reads where some runs stand, and how those that are over ended.
 *
 * @returns no outcome of runs that are under way, failed, were cancelled, or only pretended
 */
export const readRuns = defineActivity({
  name: "readRuns",
  summary: "Reads where some runs stand, and how they ended.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({
    runIds: z.array(z.string().min(1)).min(1).max(MOST_RUNS),
    onlyEnded: z.boolean().default(false).describe("Whether those that are under way are left out"),
  }),
  output: z.object({ runs: z.array(SeenRun) }),

  async perform({ runIds, onlyEnded }, { runs }) {
    const seen: SeenRun[] = [];
    const look = (runId: string, index: number) => async () => {
      const { state, outcome, progress } = await runs.look(runId);
      const ended = RunOutcome.safeParse(outcome).data;
      const words = ended?.words ?? progress;
      seen[index] = {
        ...{ runId, state },
        ...(words !== undefined && { words: oneLine(words, LONGEST_WORDS) }),
        ...(ended && { outcome: ended.outcome }),
      };
    };
    await atOnce(LOOKS_AT_ONCE, runIds.map(look), "Part of the runs could not be read");
    return { runs: onlyEnded ? seen.filter(({ state }) => state !== "under-way") : seen };
  },
});

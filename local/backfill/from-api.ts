import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { RunView } from "../../shared/runs/run-view.ts";
import type { Api } from "../api.ts";
import { hasEnded } from "../demo/watch.ts";

const PLAYBOOK = "replay-alerts";
const LOOK_EVERY_MS = 1_000;

const Outcome = z.object({
  alerts: z.number(),
  rejected: z.number(),
  started: z.number(),
  joined: z.number(),
  duplicates: z.number(),
  isAll: z.boolean(),
  upTo: z.string(),
});
export type ApiOutcome = z.infer<typeof Outcome>;

export interface ApiReplay {
  api: Pick<Api, "runs" | "run" | "startRun">;
  from: Date;
  to: Date;
  mode: "act" | "shadow";
  onProgress: (words: string) => void;
}

/**
 * Has the app read alerts from Defender's API again, in a run that goes on whatever becomes of this program: called again,
 * it follows the run that goes on.
 *
 * @throws Error when the run does not end well
 */
export async function replayApi({ api, from, to, mode, onProgress }: ApiReplay): Promise<ApiOutcome> {
  const parameters = { from: from.toISOString(), to: to.toISOString(), mode };
  const isSame = (run: RunView) => run.playbook === PLAYBOOK && isDeepStrictEqual(run.input, parameters);
  const underWay = (await api.runs()).find((run) => isSame(run) && !hasEnded(run));
  const runId = underWay?.runId ?? (await api.startRun(PLAYBOOK, parameters));

  for (let said = ""; ; await setTimeout(LOOK_EVERY_MS)) {
    const run = await api.run(runId);
    if (!run) continue;
    if (run.status === "finished") return Outcome.parse(run.outcome);
    if (hasEnded(run)) throw new Error(`Run ${runId} has ${run.status}: ${run.reason}`);
    if (run.progress !== said) onProgress(run.progress);
    said = run.progress;
  }
}

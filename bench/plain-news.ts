import { lookAtMachineActions } from "../functions/activities/look-at-machine-actions.ts";
import type { Services } from "../shared/services.ts";
import type { Watch } from "../shared/watches/watch.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * What a plain loop needs to be told when machine actions end, without durability: the same looks at Defender's list, the
 * waiting runs in memory.
 */
export function createPlainNews(services: Pick<Services, "defender">) {
  const waiting = new Map<string, Watch>();
  const told = new Map<string, (news: unknown) => void>();
  let looking = false;

  const watches: Services["watches"] = {
    add: async (watch) => void waiting.set(`${watch.runId} ${watch.event}`, watch),
    all: async () => [...waiting.values()],
    remove: async ({ runId, event }) => void waiting.delete(`${runId} ${event}`),
  };
  const runs: Services["runs"] = {
    startOnce: () => Promise.reject(new Error("a plain loop starts no runs")),
    stateOf: async () => "absent",
    look: async () => ({ state: "absent" }),
    cancel: async () => undefined,
    tell: async (runId, event, news) => told.get(`${runId} ${event}`)?.(news),
  };

  async function look(): Promise<void> {
    looking = true;
    while (waiting.size > 0) {
      await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
      const reached = { ...services, watches, runs } as Services;
      await lookAtMachineActions.perform({ now: Date.now() }, reached, { runId: "watcher" });
    }
    looking = false;
  }

  return {
    services: {
      watches,
      runs,
      watcher: {
        async wake() {
          if (!looking) void look();
        },
      },
    },
    /** What a run is told under a name. */
    news: (runId: string, event: string) =>
      new Promise<unknown>((resolve) => {
        told.set(`${runId} ${event}`, resolve);
      }),
  };
}

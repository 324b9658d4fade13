import { expect, test } from "vitest";
import { lookAtMachineActions } from "../../../functions/activities/look-at-machine-actions.ts";
import { watchMachineAction } from "../../../functions/activities/watch-machine-action.ts";
import { policyStateInMemory, watchesInMemory } from "../../../local/virtual-app.ts";
import type { MachineAction } from "../../../shared/defender/machine-actions/machine-action.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import type { Services } from "../../../shared/services.ts";
import type { Watch } from "../../../shared/watches/watch.ts";
import { anIsolation } from "../../helpers/builders.ts";

const now = Date.parse("2026-01-05T09:00:00Z");
const machineActionId = anIsolation().id;
const watchOf = (runId: string, changes: Partial<Watch> = {}): Watch => ({
  ...{ runId, machineActionId, event: "news-1", since: "2026-01-05T08:00:00Z" },
  ...changes,
});

interface Stage {
  waiting: Watch[];
  /** What each list shows, the first and the second. */
  lists: MachineAction[][];
  /** Runs that cannot be told. */
  deaf?: string[];
  /** What happens while Defender answers. */
  meanwhile?: (watches: Services["watches"]) => Promise<void>;
}

/** One look, with what was told to whom and who waits afterwards. */
async function lookOnce({ waiting, lists, deaf = [], meanwhile }: Stage) {
  const watches = watchesInMemory();
  for (const watch of waiting) await watches.add(watch);
  const told: { runId: string; event: string; news: unknown }[] = [];
  let asked = 0;
  const services = {
    watches,
    policy: () => Policy.parse({}),
    policyState: policyStateInMemory(),
    runs: {
      async tell(runId: string, event: string, news: unknown) {
        if (deaf.includes(runId)) throw new Error("the host is away");
        told.push({ runId, event, news });
      },
    },
    defender: {
      machineActions: {
        async *list() {
          await meanwhile?.(watches);
          yield* lists[asked++] ?? [];
        },
      },
    },
  } as unknown as Services;
  const seen = await lookAtMachineActions.perform({ now }, services, { runId: "watcher" }).catch((error) => error);
  return { seen, told, left: await watches.all() };
}

test("leaves the wait that a run began while Defender was asked", async () => {
  const later = watchOf("run-1", { event: "news-2" });
  const { told, left } = await lookOnce({
    waiting: [watchOf("run-1")],
    lists: [[anIsolation({ status: "Succeeded" })]],
    meanwhile: (watches) => watches.add(later),
  });

  expect(told.map(({ event }) => event)).toEqual(["news-1"]);
  expect(left).toEqual([later]);
});

test.each(["Expiring", null])("lets a run wait whose old action is not finished but %s", async (status) => {
  const { seen, told } = await lookOnce({ waiting: [watchOf("run-1")], lists: [[], [anIsolation({ status })]] });

  expect(told).toEqual([]);
  expect(seen).toMatchObject({ waiting: 1, lists: 2 });
});

test("has a run look by itself only when no list shows its action", async () => {
  const { seen, told } = await lookOnce({ waiting: [watchOf("run-1")], lists: [[], []] });

  expect(told).toEqual([{ runId: "run-1", event: "news-1", news: null }]);
  expect(seen).toMatchObject({ waiting: 0, lists: 2 });
});

test.each(["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])(
  "has a run look by itself whose wait began at no credible time: %j",
  async (since) => {
    const { seen, told } = await lookOnce({
      waiting: [watchOf("bad", { since }), watchOf("good", { since: "2026-01-05T08:59:00Z" })],
      lists: [[]],
    });

    expect(told).toEqual([{ runId: "bad", event: "news-1", news: null }]);
    expect(seen).toEqual({ waiting: 1, lists: 1, youngestMs: 60_000 });
  },
);

test("tells all others when one run cannot be told, and says so", async () => {
  const waiting = Array.from({ length: 45 }, (_, index) => watchOf(`run-${index}`));
  const ended = [anIsolation({ status: "Succeeded" })];
  const { seen, told, left } = await lookOnce({ waiting, lists: [ended], deaf: ["run-3"] });

  expect(told).toHaveLength(44);
  expect(left.map(({ runId }) => runId)).toEqual(["run-3"]);
  expect(seen).toEqual(new Error("1 of 45 runs could not be told: the host is away"));
});

test("tells how the action ended without its long lists", async () => {
  const action = anIsolation({ status: "Succeeded", commands: [{ index: 0, errors: ["x".repeat(9_999)] }] });
  const { told } = await lookOnce({ waiting: [watchOf("run-1")], lists: [[action]] });

  expect(told[0]?.news).toMatchObject({ id: machineActionId, status: "Succeeded" });
  expect(JSON.stringify(told[0]?.news)).not.toContain("xxx");
});

test("takes no wait that began at an unreadable time", () => {
  const wait = { machineActionId, event: "news-1" };

  expect(watchMachineAction.input.safeParse({ ...wait, since: "yesterday" }).success).toBe(false);
  expect(watchMachineAction.input.safeParse({ ...wait, since: "2026-01-05T09:00:00.123Z" }).success).toBe(true);
});

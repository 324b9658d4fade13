import { registerPlaybooks } from "../../functions/durable/register.ts";
import { asPlayed, toCreated } from "../../local/host/durable/history.ts";
import { type Order, planTurn } from "../../local/host/durable/plan.ts";
import type { InstanceRow } from "../../local/host/durable/store.ts";
import { runTurn } from "../../local/host/durable/turn.ts";
import { loadApp } from "../../local/host/worker/function-app.ts";
import type { FunctionApp } from "../../local/host/worker/types.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Playbook } from "../../shared/playbook.ts";
import type { RecordedRun } from "./history-file.ts";

/** An app that has these playbooks and nothing they could do: what they asked for is in the histories. */
export const appWithPlaybooks = (playbooks: readonly Playbook[]): Promise<FunctionApp> =>
  loadApp({ register: () => registerPlaybooks(playbooks, { tenantId: "t-1" }) });

/**
 * Has the code of today go through what happened to a run of earlier, in the way a run in flight does after a new start.
 *
 * @throws Error saying where it would take another step than it took then: such a change needs a new version
 */
export async function replay(app: FunctionApp, recorded: RecordedRun): Promise<void> {
  const difference = await differenceIn(app, recorded);
  if (difference === undefined) return;
  const { playbook, version, story } = recorded;
  throw new Error(
    `breaking change in ${playbook} v${version}: name a new version and keep this one among the earlier ones. ` +
      `The run "${story}" would not go on: ${difference}`,
  );
}

async function differenceIn(app: FunctionApp, recorded: RecordedRun): Promise<string | undefined> {
  const { orchestration, runId, input, history } = recorded;
  const fn = app.functions.get(orchestration);
  if (!fn) return `nothing is registered as ${orchestration}.`;

  const now = new Date(history.at(-1)?.Timestamp ?? 0);
  const instance = { id: runId, input, parentInstanceId: null } as InstanceRow & { parentInstanceId: null };
  const { executor, isDone, failure } = await runTurn(app, fn, instance, history.map(asPlayed), now, []);
  const created = history.flatMap((event) => toCreated(event) ?? []);
  try {
    const [more] = executor ? planTurn(executor, { instanceId: runId, executionId: "", now, created }) : [];
    if (more) return `after its last step it now takes one more, ${wordsOf(more)}.`;
  } catch (error) {
    return messageOf(error);
  }
  if (failure !== undefined) return failure;
  return isDone ? undefined : "it does not end where it ended.";
}

function wordsOf(order: Order): string {
  if (order.kind === "entity") return `entity operation ${order.request.op ?? "lock"}`;
  return "name" in order ? `${order.kind} ${order.name}` : order.kind;
}

import { expect, test } from "vitest";
import { z } from "zod";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { releaseMachine } from "../../functions/activities/release-machine.ts";
import { createRunControl } from "../../functions/run-control.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import { answerQuestion } from "../../shared/approvals/answer-question.ts";
import type { Approval } from "../../shared/approvals/approval.ts";
import { type ApprovalStore, createTableApprovalStore } from "../../shared/approvals/approval-store.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { PermanentError, StepFailed } from "../../shared/errors.ts";
import { attempt, definePlaybook } from "../../shared/playbook.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { withStart } from "../../shared/runs/run-input.ts";
import { MACHINE_ID } from "../helpers/builders.ts";

const RUN_ID = `run-${"7".padStart(40, "0")}`;
const DAY = 86_400_000;

/** Isolates a machine, twice as often as somebody wants, and says what became of each step. */
const isolate = definePlaybook({
  ...{ name: "isolate-once-approved", version: 1, summary: "Isolates a machine and says how that went." },
  input: z.object({
    machineId: MachineId,
    times: z.number().default(1),
    release: z.boolean().default(false),
  }),
  *steps(run, { machineId, times, release }) {
    const codes: string[] = [];
    for (let time = 0; time < times; time++) {
      const request = { machineId, comment: "outbreak" };
      const step = release
        ? run.step(releaseMachine, request)
        : run.step(isolateMachine, { ...request, isolationType: "Full" });
      const done = yield* attempt(step);
      codes.push(done instanceof StepFailed ? done.code : "done");
    }
    return codes;
  },
});

const asking: z.input<typeof Policy> = {
  criticalAssets: { tags: ["crown"], containment: "ask" },
  approvals: { approvers: [{ id: "ada" }, { id: "bob" }], minutes: 60 },
};

async function appWith(policy: z.input<typeof Policy> = asking) {
  const clock = { now: () => 0 };
  const questions: Approval[] = [];
  const store = createTableApprovalStore({ ...rowsInMemory(), ofPartition: async () => [] }, "t-1", () => clock.now());
  const approvals: ApprovalStore = {
    ...store,
    async add(approval) {
      questions.push(approval);
      return store.add(approval);
    },
  };
  const tickets = { addNote: () => Promise.reject(new PermanentError("TicketNotFound", "no ticket")) } as never;
  const services = { policy: () => Policy.parse(policy), approvals, tickets };
  const app = await startVirtualApp([isolate], { services });
  clock.now = () => app.clock.now().getTime();
  await app.simulator.addMachine({ id: MACHINE_ID, machineTags: ["crown"] });
  return Object.assign(app, {
    questions,
    approvals,
    async say(by: string, approved = true) {
      const { id } = questions.at(-1) as Approval;
      const audit = { record: async () => undefined, ofRun: async () => [] };
      const reached = { approvals, audit, runs: createRunControl(app.client), policy: () => Policy.parse(policy) };
      return answerQuestion(reached, id, { by, objectId: `oid-of-${by}`, via: "token" }, { approved, reason: "" });
    },
  });
}

const start = (app: VirtualApp, input: object = {}) =>
  app.client.startNew(isolate.name, { instanceId: RUN_ID, input: { machineId: MACHINE_ID, ...input } });

async function outcomeOf(app: VirtualApp): Promise<unknown> {
  const status = () => app.client.getStatus(RUN_ID);
  await app.passTime(async () => ["Completed", "Failed"].includes((await status()).runtimeStatus), DAY);
  return (await status()).output;
}

/** Lets time pass until the run waits for people. */
const untilAsked = (app: Awaited<ReturnType<typeof appWith>>, times = 1) =>
  app.passTime(async () => {
    const last = app.questions.at(-1);
    return app.questions.length >= times && (await app.approvals.get(last?.id ?? ""))?.event !== undefined;
  }, DAY);

const isolations = async ({ simulator }: VirtualApp) =>
  (await simulator.journal({ method: "POST" })).filter(({ path }) => path.endsWith("/isolate"));

test("a step that the policy leaves to people is taken after their yes, and not before", async () => {
  await using app = await appWith();
  await start(app);
  await untilAsked(app);
  expect(app.questions).toMatchObject([{ about: { activity: "isolateMachine", machineId: MACHINE_ID } }]);
  expect(await isolations(app)).toEqual([]);

  await app.say("ada");
  expect(await outcomeOf(app)).toEqual(["done"]);
  expect(await isolations(app)).toHaveLength(1);
});

test("two people are waited for where two are wanted", async () => {
  await using app = await appWith({ ...asking, approvals: { ...asking.approvals, quorum: 2 } });
  await start(app);
  await untilAsked(app);
  const first = await app.say("ada");
  await app.passTime(async () => (await app.approvals.get(first.id))?.event !== first.event, DAY);
  expect(await isolations(app)).toEqual([]);

  await app.say("bob");
  expect(await outcomeOf(app)).toEqual(["done"]);
});

test.each([
  ["decline", ["ApprovalExpired"], 0],
  ["approve", ["done"], 1],
] as const)("a question that nobody answers ends by itself: %s", async (atExpiry, outcome, count) => {
  await using app = await appWith({ ...asking, approvals: { ...asking.approvals, atExpiry } });
  await start(app);
  expect(await outcomeOf(app)).toEqual(outcome);
  expect(await isolations(app)).toHaveLength(count);
});

test("a no is told to the playbook, and nothing is done", async () => {
  await using app = await appWith();
  await start(app);
  await untilAsked(app);
  await app.say("bob", false);
  expect(await outcomeOf(app)).toEqual(["Declined"]);
  expect(await isolations(app)).toEqual([]);
});

test("what was approved is not asked about again within its time", async () => {
  await using app = await appWith();
  await start(app, { times: 2 });
  await untilAsked(app);
  await app.say("ada");
  expect(await outcomeOf(app)).toEqual(["done", "done"]);
  expect(app.questions).toHaveLength(1);
});

test("whoever asked for the run does not approve its steps", async () => {
  await using app = await appWith();
  await start(app, withStart({}, { mode: "act", requestedBy: "Ada" }) as object);
  await untilAsked(app);
  await expect(app.say("ada")).rejects.toMatchObject({ code: "Requester" });
  await app.say("bob");
  expect(await outcomeOf(app)).toEqual(["done"]);
});

test("what a rule denies, people cannot approve; and where nobody may answer, nobody is asked", async () => {
  await using denied = await appWith({ ...asking, criticalAssets: { tags: ["crown"], containment: "deny" } });
  await start(denied);
  expect(await outcomeOf(denied)).toEqual(["PolicyDenied"]);
  expect(denied.questions).toEqual([]);

  await using nobody = await appWith({ criticalAssets: { tags: ["crown"], containment: "ask" } });
  await start(nobody);
  expect(await outcomeOf(nobody)).toEqual(["NeedsApproval"]);
  expect(nobody.questions).toEqual([]);
});

test("a cap still counts for what people have approved", async () => {
  await using app = await appWith({ ...asking, caps: { machinesPerHour: 0 } });
  await start(app);
  await untilAsked(app);
  await app.say("ada");
  expect(await outcomeOf(app)).toEqual(["CapReached"]);
});

test("a run in shadow asks nobody", async () => {
  await using app = await appWith();
  await app.client.startNew(isolate.name, {
    instanceId: RUN_ID,
    input: withStart({ machineId: MACHINE_ID }, { mode: "shadow" }),
  });
  expect(await outcomeOf(app)).toEqual(["NeedsApproval"]);
  expect(app.questions).toEqual([]);
});

test("an isolation of somebody else is ended once people have agreed", async () => {
  await using app = await appWith();
  const { apiUrl, issueUserToken } = app.defender;
  const isolation = await fetch(`${apiUrl}/api/machines/${MACHINE_ID}/isolate`, {
    method: "POST",
    headers: { authorization: `Bearer ${issueUserToken()}`, "content-type": "application/json" },
    body: JSON.stringify({ Comment: "an analyst at work", IsolationType: "Full" }),
  });
  expect(isolation.status).toBe(201);
  await start(app, { release: true });
  await untilAsked(app);
  expect(app.questions[0]).toMatchObject({ text: expect.stringContaining("not by this app") });
  await app.say("ada");
  expect(await outcomeOf(app)).toEqual(["done"]);
});

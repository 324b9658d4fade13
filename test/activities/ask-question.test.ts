import { expect, test } from "vitest";
import { askQuestion } from "../../functions/activities/ask-question.ts";
import { remindApprovers } from "../../functions/activities/remind-approvers.ts";
import { settleQuestion } from "../../functions/activities/settle-question.ts";
import { waitForAnswer } from "../../functions/activities/wait-for-answer.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { answerQuestion, openLink } from "../../shared/approvals/answer-question.ts";
import { createTableApprovalStore } from "../../shared/approvals/approval-store.ts";
import { PermanentError } from "../../shared/errors.ts";
import { unavailable } from "../../shared/notifications/delivery-error.ts";
import type { Activity } from "../../shared/playbook.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";
import { TicketSystemUnavailable } from "../../shared/tickets/json-client.ts";
import { channelsInMemory } from "../helpers/channels.ts";

const ASKED_AT = "2026-01-05T09:00:00.000Z";
const asked = { key: "q", title: "Isolate the server?", text: "It is the only one.", askedAt: ASKED_AT };

const NO_TICKET = new PermanentError("TicketNotFound", "no ticket");

function setUp({
  ticketFailure = undefined as Error | undefined,
  failure = () => undefined as Error | undefined,
} = {}) {
  const notes = new Map<string, string>();
  const told: string[] = [];
  const started: unknown[] = [];
  const isPersonal = true;
  const { notifier, sent, audit } = channelsInMemory({
    "mail-ada": { isPersonal },
    "mail-bob": { isPersonal, failure },
    page: {},
    watchers: { events: ["escalation"] },
  });
  const policy = Policy.parse({
    approvals: {
      approvers: [{ id: "ada", channels: ["mail-ada"] }, { id: "bob", channels: ["mail-bob"] }, { id: "cy" }],
      quorum: 2,
      escalate: { afterMinutes: 30, channels: ["page"] },
    },
  });
  const services = {
    policy: () => policy,
    publicUrl: "https://playbooks.example",
    notifier,
    approvals: createTableApprovalStore({ ...rowsInMemory(), ofPartition: async () => [] }, "t-1", () =>
      Date.parse(ASKED_AT),
    ),
    tickets: {
      async addNote(_: string, note: { key: string; text: string }) {
        if (ticketFailure) throw ticketFailure;
        notes.set(note.key, note.text);
      },
    },
    runs: {
      tell: async (_: string, event: string) => void told.push(event),
      startOnce: async (...about: unknown[]) => void started.push(about),
    },
    audit: { record: async () => undefined, ofRun: async () => [] },
  } as unknown as Services;
  const perform = async <In>(activity: Activity, input: In, isLastTry = false) =>
    // biome-ignore lint/suspicious/noExplicitAny: compared with what is expected of it.
    (await activity.perform(activity.input.parse(input), services, { runId: "run-1", isLastTry })) as any;
  const say = (id: string, by: string, approved = true) =>
    answerQuestion(services, id, { by, objectId: `oid-of-${by}`, via: "token" }, { approved, reason: "" });
  return { notes, told, started, sent, audit, services, perform, say };
}

test("a question asked again by a repeated step is the same question, with its answers, and is noted once", async () => {
  const { perform, services, notes, say } = setUp();
  const { approvalId, ...times } = await perform(askQuestion, asked);
  expect(times).toEqual({
    quorum: 2,
    expiresAt: "2026-01-05T10:00:00.000Z",
    escalateAt: "2026-01-05T09:30:00.000Z",
  });
  await say(approvalId, "ada");
  expect(await perform(askQuestion, asked)).toMatchObject({ approvalId });
  expect(await services.approvals.get(approvalId)).toMatchObject({ answers: [{ by: "ada" }] });
  expect([...notes]).toEqual([[expect.stringContaining("question"), expect.stringContaining("Isolate the server?")]]);
});

test("links are made for those who are asked and can be reached, and for nobody who has answered or may not", async () => {
  const { perform, services, say } = setUp();
  const { approvalId } = await perform(askQuestion, { ...asked, requestedBy: "bob" });
  const approvers = async () => (await services.approvals.get(approvalId))?.links.map(({ approver }) => approver);
  expect(await approvers()).toEqual(["ada"]);
  await say(approvalId, "ada");
  expect(await perform(remindApprovers, { approvalId, why: "reminder" })).toEqual({ sent: true });
  expect(await approvers()).toEqual(["ada"]);
});

test("what a step gives back, and so the history of the run, holds nothing of a link", async () => {
  const { perform, services } = setUp();
  const given = await perform(askQuestion, asked);
  const { links = [] } = (await services.approvals.get(given.approvalId)) ?? {};
  expect(links).toHaveLength(2);
  expect(Object.keys(given).sort()).toEqual(["approvalId", "escalateAt", "expiresAt", "quorum"]);
});

test("a link goes to the one it answers for alone; channels of all, and the ticket, are told without one", async () => {
  const { perform, sent, services, notes } = setUp();
  const { approvalId } = await perform(askQuestion, asked);
  await perform(remindApprovers, { approvalId, why: "escalation" });

  const own = ["mail-ada", "mail-bob"];
  expect(sent.map(({ channel }) => channel)).toEqual([...own, ...own, "watchers", "page"]);
  const secrets = sent.flatMap(({ links }) => links.map(({ url }) => url.split("/").at(-1) ?? ""));
  expect(secrets).toHaveLength(4);
  expect(new Set(secrets).size).toBe(4);
  for (const { channel, links } of sent) {
    expect(links.length).toBe(own.includes(channel) ? 1 : 0);
    for (const { url } of links) {
      const [, secret = ""] = url.split(`https://playbooks.example/api/approvals/${approvalId}/links/`);
      const { approver } = await openLink(services, approvalId, secret, Date.parse(ASKED_AT));
      expect(channel).toBe(`mail-${approver}`);
    }
  }
  for (const secret of secrets) expect([...notes.values()].join()).not.toContain(secret);
});

test("a channel that is down holds up neither the question nor the others: a run of its own tries it again", async () => {
  let isDown = true;
  const failure = () => (isDown ? unavailable("the server answered 503") : undefined);
  const { perform, services, sent, audit, notes, started } = setUp({ failure });
  const { approvalId } = await perform(askQuestion, asked);
  expect(sent.map(({ channel }) => channel)).toEqual(["mail-ada"]);
  expect(notes.size).toBe(1);
  expect(audit).toContainEqual(
    expect.objectContaining({
      ...{ event: "failed", target: "channel mail-bob", reason: "question: the server answered 503" },
    }),
  );
  expect(started).toEqual([["tell-approvers", expect.stringMatching(/^tell-/), { approvalId, why: "question" }]]);

  const again = { approvalId, why: "question", isAgain: true };
  await expect(perform(remindApprovers, again)).rejects.toThrow("mail-bob: the server answered 503");
  expect(await perform(remindApprovers, again, true)).toEqual({ sent: true });
  isDown = false;
  await perform(remindApprovers, again);
  await perform(remindApprovers, again);
  expect(sent.map(({ channel }) => channel)).toEqual(["mail-ada", "mail-bob"]);
  const { links = [] } = (await services.approvals.get(approvalId)) ?? {};
  expect(links.filter(({ approver }) => approver === "ada")).toHaveLength(1);
});

test("a link goes over no channel that others may read, though the policy names it for one person", async () => {
  const { notifier, sent, audit } = channelsInMemory({ "mail-ada": {} });
  const { services, perform } = setUp();
  Object.assign(services, { notifier });
  const { approvalId } = await perform(askQuestion, asked);

  expect(sent).toMatchObject([{ channel: "mail-ada", links: [] }]);
  expect(audit[0]?.reason).toBe("question: without the link, as the channel is not personal");
  expect((await services.approvals.get(approvalId))?.links).toEqual([]);
});

test("a run without a ticket asks all the same", async () => {
  const { perform, notes } = setUp({ ticketFailure: NO_TICKET });
  expect(await perform(askQuestion, asked)).toMatchObject({ quorum: 2 });
  expect(notes.size).toBe(0);
});

test("nobody is reminded of what is decided", async () => {
  const { perform, say } = setUp();
  const { approvalId } = await perform(askQuestion, asked);
  await say(approvalId, "ada", false);
  expect(await perform(remindApprovers, { approvalId, why: "reminder" })).toEqual({ sent: false });
});

test("a run that begins to wait after an answer it does not know of is told at once", async () => {
  const { perform, told, say } = setUp();
  const { approvalId } = await perform(askQuestion, asked);
  await say(approvalId, "ada");
  await perform(waitForAnswer, { approvalId, event: "news-1", answersSeen: 0 });
  expect(told).toEqual(["news-1"]);
  await perform(waitForAnswer, { approvalId, event: "news-2", answersSeen: 1 });
  expect(told).toEqual(["news-1"]);
  await say(approvalId, "cy");
  expect(told).toEqual(["news-1", "news-2"]);
});

test("a question is not settled before its time, and an answer that came first stands", async () => {
  const { perform, say } = setUp();
  const { approvalId } = await perform(askQuestion, asked);
  expect(await perform(settleQuestion, { approvalId, at: "2026-01-05T09:59:59.000Z" })).toEqual({
    answers: 0,
    yeses: 0,
  });
  await say(approvalId, "ada", false);
  const end = { approvalId, at: "2026-01-05T10:00:00.000Z" };
  expect(await perform(settleQuestion, end)).toMatchObject({
    outcome: { approved: false, by: ["ada"], expired: false },
  });
});

test("a question that nobody knows cannot be waited for", async () => {
  const { perform } = setUp();
  const waiting = perform(waitForAnswer, { approvalId: "0".repeat(32), event: "news-1", answersSeen: 0 });
  await expect(waiting).rejects.toMatchObject({ code: "UnknownQuestion" });
});

test("people are asked also while the ticket system is down", async () => {
  const { perform, sent } = setUp({ ticketFailure: new TicketSystemUnavailable("Desk did not answer", {}) });
  await perform(askQuestion, asked);
  expect(sent.length).toBeGreaterThan(0);
});

import { expect, test } from "vitest";
import { rowsInMemory } from "../../../local/rows-in-memory.ts";
import { answerPage } from "../../../shared/approvals/answer-page.ts";
import { type Answering, answerQuestion, openLink } from "../../../shared/approvals/answer-question.ts";
import { expire, permits, stepDigest } from "../../../shared/approvals/approval.ts";
import { createTableApprovalStore } from "../../../shared/approvals/approval-store.ts";
import { newLink, withLinks } from "../../../shared/approvals/links.ts";
import { newApproval } from "../../../shared/approvals/new-approval.ts";
import type { AuditEntry } from "../../../shared/audit/audit-log.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { seededRandom } from "../../helpers/random.ts";

const ASKED_AT = "2026-01-05T09:00:00.000Z";
const policy = Policy.parse({
  approvals: { roles: ["Approver"], approvers: [{ id: "ada" }, { id: "bob" }], minutes: 60 },
});

/** Questions in memory, people who answer them, and what is on record and told to runs. */
function setUp() {
  let now = Date.parse(ASKED_AT);
  const audit: AuditEntry[] = [];
  const told: { runId: string; event: string }[] = [];
  const rows = { ...rowsInMemory(), ofPartition: async () => [] };
  const approvals = createTableApprovalStore(rows, "t-1", () => now);
  const reached = {
    approvals,
    audit: { record: async (entry: AuditEntry) => void audit.push(entry), ofRun: async () => [] },
    runs: { tell: async (runId: string, event: string) => void told.push({ runId, event }) } as never,
    policy: () => policy,
  };
  return {
    ...{ approvals, audit, told, reached },
    pass: (minutes: number) => {
      now += minutes * 60_000;
    },
    async ask(changes: object = {}, runId = "run-1") {
      const question = { key: "q", title: "Isolate?", text: "", about: {}, ...changes };
      return approvals.add(newApproval(runId, question, ASKED_AT, policy));
    },
    async link(id: string, approver = "ada") {
      const approval = await approvals.get(id);
      const { secret, link } = newLink(approval as never, approver);
      await approvals.change(id, (known) => withLinks(known, [link]));
      return secret;
    },
    answer: (id: string, answering: Answering, approved = true) =>
      answerQuestion(reached, id, answering, { approved, reason: "" }),
    open: (id: string, secret: string) => openLink(reached, id, secret, now),
  };
}

const byToken = (by: string, objectId = `oid-of-${by}`): Answering => ({ by, objectId, via: "token" });
const refused = (code: string) => ({ name: "AnswerRefused", code });

test("a link answers once, for the person it was made for, and keeps no secret", async () => {
  const app = setUp();
  const { id } = await app.ask();
  const secret = await app.link(id);

  expect(JSON.stringify(await app.approvals.get(id))).not.toContain(secret);
  expect(await app.open(id, secret)).toMatchObject({ approver: "ada" });
  expect(await app.answer(id, { secret })).toMatchObject({ status: "approved", answers: [{ by: "ada", via: "link" }] });
  await expect(app.answer(id, { secret })).rejects.toMatchObject(refused("LinkUsed"));
  expect(app.audit).toMatchObject([
    { event: "done", code: "Approved", runId: "run-1" },
    { event: "denied", code: "LinkUsed", runId: "run-1" },
  ]);
});

test("looking at a link answers nothing, however often", async () => {
  const app = setUp();
  const { id } = await app.ask();
  const secret = await app.link(id);
  for (let times = 0; times < 3; times++) await app.open(id, secret);
  expect(await app.approvals.get(id)).toMatchObject({ status: "open", answers: [] });
});

test("with one answer all links of a person are used up, as of a reminder", async () => {
  const app = setUp();
  const { id } = await app.ask({ quorum: 2 });
  const [first, second] = [await app.link(id), await app.link(id)];
  await app.answer(id, { secret: first });
  await expect(app.answer(id, { secret: second })).rejects.toMatchObject(refused("LinkUsed"));
  await expect(app.open(id, second)).rejects.toMatchObject(refused("LinkUsed"));
});

test("of a thousand altered links none is accepted, and each is on record", async () => {
  const app = setUp();
  const random = seededRandom(20260105);
  const pick = <T>(from: ArrayLike<T>): T => from[Math.floor(random() * from.length)] as T;
  const asked = [await app.ask({ key: "one" }), await app.ask({ key: "two" }), await app.ask({ key: "one" }, "run-2")];
  const links = await Promise.all(asked.map(async ({ id }) => ({ id, secret: await app.link(id) })));
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/.%& ";

  const alterations = [
    (text: string) => {
      const at = Math.floor(random() * text.length);
      return text.slice(0, at) + pick(alphabet) + text.slice(at + 1);
    },
    (text: string) => text.slice(0, Math.floor(random() * text.length)),
    (text: string) => text + pick(alphabet),
    (text: string) => (random() < 0.5 ? text.toUpperCase() : text.toLowerCase()),
    (text: string) => [...text].reverse().join(""),
  ];
  let tried = 0;
  while (tried < 1_000) {
    const { id, secret } = pick(links);
    const kind = random();
    const other = pick(links);
    const altered =
      kind < 0.6
        ? { id, secret: pick(alterations)(secret) }
        : kind < 0.8
          ? { id: pick(alterations)(id), secret }
          : { id, secret: other.secret };
    if (links.some((link) => link.id === altered.id && link.secret === altered.secret)) continue;
    tried++;
    await expect(app.answer(altered.id, { secret: altered.secret })).rejects.toMatchObject({ name: "AnswerRefused" });
    await expect(app.open(altered.id, altered.secret)).rejects.toMatchObject({ name: "AnswerRefused" });
  }

  expect(app.audit.filter(({ event }) => event === "denied")).toHaveLength(2_000);
  for (const { id } of links) expect(await app.approvals.get(id)).toMatchObject({ status: "open", answers: [] });
  expect(app.told).toEqual([]);
  for (const { id, secret } of links) expect(await app.answer(id, { secret })).toMatchObject({ status: "approved" });
});

test("after its time a question takes no answer any more", async () => {
  const app = setUp();
  const { id } = await app.ask();
  const secret = await app.link(id);
  app.pass(60);
  await expect(app.answer(id, { secret })).rejects.toMatchObject(refused("Expired"));
  await expect(app.open(id, secret)).rejects.toMatchObject(refused("Expired"));
  await expect(app.answer(id, byToken("bob"))).rejects.toMatchObject(refused("Expired"));
});

test("whoever asked for it may not answer, by whatever name", async () => {
  const app = setUp();
  const { id } = await app.ask({ requestedBy: "ada" });
  const secret = await app.link(id, "ada");
  await expect(app.answer(id, { secret })).rejects.toMatchObject(refused("Requester"));
  await expect(app.answer(id, byToken("ADA"))).rejects.toMatchObject(refused("Requester"));

  const byObject = await app.ask({ key: "by object id", requestedBy: "oid-of-eve" });
  await expect(app.answer(byObject.id, byToken("eve"))).rejects.toMatchObject(refused("Requester"));
});

test("where a question names people, others may not answer it", async () => {
  const app = setUp();
  const { id } = await app.ask({ approvers: ["bob"] });
  await expect(app.answer(id, byToken("ada"))).rejects.toMatchObject(refused("NotAnApprover"));
  expect(await app.answer(id, { by: "bob", via: "slack" })).toMatchObject({ status: "approved" });
});

test("a person who is no approver of the policy answers by token alone, where the role was checked", async () => {
  const app = setUp();
  const { id } = await app.ask();
  await expect(app.answer(id, { by: "eve", via: "slack" })).rejects.toMatchObject(refused("NotAnApprover"));
  expect(await app.answer(id, byToken("eve"))).toMatchObject({ status: "approved" });
});

test("two people have to say yes where two are wanted; one does not count twice, whichever way", async () => {
  const app = setUp();
  const { id } = await app.ask({ quorum: 2 });
  expect(await app.answer(id, byToken("ada"))).toMatchObject({ status: "open" });
  await expect(app.answer(id, { by: "ada", via: "slack" })).rejects.toMatchObject(refused("AnsweredBefore"));
  await expect(app.answer(id, byToken("ada.renamed", "oid-of-ada"))).rejects.toMatchObject(refused("AnsweredBefore"));
  expect(await app.answer(id, { by: "bob", via: "slack" })).toMatchObject({ status: "approved" });
  await expect(app.answer(id, byToken("eve"))).rejects.toMatchObject(refused("Decided"));
});

test("people who answer at the same moment are all counted, and nobody after the decision", async () => {
  const app = setUp();
  const { id } = await app.ask({ quorum: 5 });
  const people = Array.from({ length: 9 }, (_, index) => `person-${index}`);
  const outcomes = await Promise.allSettled(people.map((by) => app.answer(id, byToken(by))));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(await app.approvals.get(id)).toMatchObject({ status: "approved" });
});

test("the run that waits is told under the name it waits for now", async () => {
  const app = setUp();
  const { id } = await app.ask({ quorum: 2 });
  await app.approvals.change(id, (known) => ({ ...known, event: "news-3" }));
  await app.answer(id, byToken("ada"));
  await app.approvals.change(id, (known) => ({ ...known, event: "news-4" }));
  await app.answer(id, byToken("bob"));
  expect(app.told).toEqual([
    { runId: "run-1", event: "news-3" },
    { runId: "run-1", event: "news-4" },
  ]);
});

test("an approval lets only its own step be taken, by its own run, for its own time", async () => {
  const app = setUp();
  const input = { machineId: MACHINE_ID, isolationType: "Selective" };
  const step = stepDigest("isolateMachine", MACHINE_ID, input);
  const use = { runId: "run-1", activity: "isolateMachine", machineId: MACHINE_ID, step };
  const { id } = await app.ask({ about: { activity: "isolateMachine", machineId: MACHINE_ID, step } });
  expect(await app.approvals.findPermitting(id, use)).toBeUndefined();
  await app.answer(id, byToken("ada"));

  expect(await app.approvals.findPermitting(id, use)).toMatchObject({ id });
  const more = stepDigest("isolateMachine", MACHINE_ID, { ...input, isolationType: "Full" });
  const others = [{ runId: "run-2" }, { activity: "offboardMachine" }, { machineId: "f".repeat(40) }, { step: more }];
  for (const other of others) expect(await app.approvals.findPermitting(id, { ...use, ...other })).toBeUndefined();
  app.pass(61);
  expect(await app.approvals.findPermitting(id, use)).toBeUndefined();
});

test("a question that was declined, or expired so, lets nothing be taken", async () => {
  const app = setUp();
  const about = { activity: "isolateMachine", step: "s" };
  const use = { runId: "run-1", activity: "isolateMachine", machineId: undefined, step: "s" };
  const { id } = await app.ask({ about });
  const declined = await app.answer(id, byToken("ada"), false);
  expect(permits(declined, use, Date.parse(ASKED_AT))).toBe(false);

  const late = "2026-01-05T10:00:00.000Z";
  const expired = expire(await app.ask({ key: "late", about }), late);
  expect(permits(expired, use, Date.parse(late))).toBe(false);
  const approved = expire(await app.ask({ key: "later", about, atExpiry: "approve" }), late);
  expect(permits(approved, use, Date.parse(late))).toBe(true);
});

test("an answer that counts is told to the run, also where the record of it fails", async () => {
  const app = setUp();
  const { id } = await app.ask();
  await app.approvals.change(id, (known) => ({ ...known, event: "news-1" }));
  const down = { ...app.reached, audit: { ...app.reached.audit, record: () => Promise.reject(new Error("down")) } };
  const answer = answerQuestion(down, id, byToken("ada"), { approved: true, reason: "" });
  await expect(answer).rejects.toThrow("down");
  expect(await app.approvals.get(id)).toMatchObject({ status: "approved" });
  expect(app.told).toEqual([{ runId: "run-1", event: "news-1" }]);
});

test("where the run could not be told, whoever answers again has it told, and answers nothing", async () => {
  for (const quorum of [1, 2]) {
    const app = setUp();
    const { id } = await app.ask({ quorum });
    const secret = await app.link(id);
    await app.approvals.change(id, (known) => ({ ...known, event: "news-1" }));
    const cut = { ...app.reached, runs: { tell: () => Promise.reject(new Error("cut off")) } as never };
    await expect(answerQuestion(cut, id, { secret }, { approved: true, reason: "" })).rejects.toThrow("cut off");
    expect(app.audit).toMatchObject([{ event: "done", code: "Approved" }]);
    expect(app.told).toEqual([]);

    await expect(app.answer(id, { secret })).rejects.toMatchObject(refused("LinkUsed"));
    expect(app.told).toEqual([{ runId: "run-1", event: "news-1" }]);
    expect((await app.approvals.get(id))?.answers).toHaveLength(1);
  }
});

test("what people decide about shows nothing hidden, turned around or broken off", async () => {
  const app = setUp();
  const title = "Approve isolateMachine on pc-\u202egnp.exe\u2066\r\nX-Evil: 1?";
  const approval = await app.ask({
    title,
    text: "Device:\u0000 <b>pc</b>\u200b\u2067.\nNext\u061c\ufeff\u{e0041} line",
  });
  expect(approval.title).toBe("Approve isolateMachine on pc-gnp.exe X-Evil: 1?");
  expect(approval.text).toBe("Device: <b>pc</b>.\nNext line");
  expect(answerPage({ approval, approver: "ada" }).body).toContain("Device: &lt;b&gt;pc&lt;/b&gt;.<br>Next line");
});

test("a question with the worst of texts fits into its row", async () => {
  const app = setUp();
  const approval = await app.ask({ text: "\u0001\u202e".repeat(2_000), title: `${"\u0007".repeat(299)}x` });
  expect(JSON.stringify(approval).length).toBeLessThan(2_000);
});

test("a question whose time is over is not listed, also where its run was cancelled and settles it no more", async () => {
  let now = Date.parse(ASKED_AT);
  const approvals = createTableApprovalStore(rowsInMemory(), "t-1", () => now);
  const question = { key: "q", title: "Isolate?", text: "", about: {} };
  const { id } = await approvals.add(newApproval("run-1", question, ASKED_AT, policy));
  expect(await approvals.open()).toMatchObject([{ id }]);
  now += 60 * 60_000;
  expect(await approvals.open()).toEqual([]);
});

import { createHmac } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPair } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import { createTableApprovalStore } from "../../shared/approvals/approval-store.ts";
import { newLink, withLinks } from "../../shared/approvals/links.ts";
import { connectStorage } from "../../shared/storage/connect-storage.ts";
import { AUDIENCE, ROLE, startKeys } from "../helpers/entra.ts";

const SLACK_SECRET = "slack-signing-secret";
const POLICY = `
criticalAssets: { tags: [crown], containment: ask }
approvals:
  roles: [${ROLE}]
  approvers:
    - { id: bob@contoso.example, slackUserId: U0BOB }
`;

let folder: string;
let stack: Stack;
let key: string;
let entra: Awaited<ReturnType<typeof startKeys>>;

beforeAll(async () => {
  entra = await startKeys();
  folder = mkdtempSync(join(tmpdir(), "playbooks-approval-"));
  cpSync("config", join(folder, "config"), { recursive: true });
  writeFileSync(join(folder, "config/policy.yaml"), POLICY);
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    settings: {
      PLAYBOOKS_CONFIG_FOLDER: join(folder, "config"),
      ENTRA_AUDIENCE: AUDIENCE,
      ENTRA_ISSUER: entra.setting.issuer,
      ENTRA_JWKS_URL: entra.setting.keysUrl,
      APPROVAL_SLACK_SIGNING_SECRET: SLACK_SECRET,
    },
  });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  await entra?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, options: { headers?: Record<string, string>; body?: string } = {}) {
  const response = await fetch(new URL(path, stack.host.addresses.url), { method, ...options });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: an answer of JSON, compared with what is expected of it.
  return { status: response.status, text, body: (text.startsWith("{") ? JSON.parse(text) : undefined) as any };
}

const withKey = () => ({ headers: { "x-functions-key": key } });
const answer = (id: string, token: string, said: object) =>
  call("POST", `/api/approvals/${id}/answers`, {
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(said),
  });

const machineIdOf = (number: number): string => number.toString(16).padStart(40, "c");

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error("it did not come to hold");
}

/** Starts a containment of a critical asset, and waits until people are asked. */
async function containCrown(number: number, headers: Record<string, string> = {}) {
  const machineId = machineIdOf(number);
  await stack.simulator.addMachine({ id: machineId, machineTags: ["crown"] });
  const { body } = await call("POST", "/api/playbooks/contain-device/runs", {
    headers: { ...withKey().headers, ...headers },
    body: JSON.stringify({ machineId, joinMinutes: 0 }),
  });
  const { runId } = body;
  const question = await until(async () => {
    const { body } = await call("GET", "/api/approvals", withKey());
    return body.approvals.find((open: { runId: string }) => open.runId === runId);
  });
  return { machineId, runId, question };
}

const outcomeOf = (runId: string) =>
  until(async () => (await call("GET", `/api/runs/${runId}`, withKey())).body.outcome);

const auditOf = async (runId: string) => (await call("GET", `/api/runs/${runId}/audit`, withKey())).body.records;

const isolationsOf = (machineId: string) =>
  stack.simulator.journal({ method: "POST", path: `/api/machines/${machineId}/isolate` });

test("a critical asset is isolated only after a yes with a good token", async () => {
  const { machineId, runId, question } = await containCrown(1);
  expect(question).toMatchObject({ activity: "isolateMachine", machineId, quorum: 1, status: "open" });
  expect(question.text).toContain("is a critical asset");

  const { privateKey } = await generateKeyPair("RS256");
  const yes = { approved: true, reason: "the attacker is inside" };
  expect((await answer(question.id, await entra.token("ada", {}, privateKey), yes)).status).toBe(401);
  expect((await answer(question.id, await entra.token("ada", { tid: "other" }), yes)).status).toBe(401);
  expect((await answer(question.id, await entra.token("eve", { roles: ["Reader"] }), yes)).status).toBe(403);
  expect((await call("POST", `/api/approvals/${question.id}/answers`, { body: JSON.stringify(yes) })).status).toBe(401);
  expect((await call("GET", "/api/approvals")).status).toBe(401);
  expect(await isolationsOf(machineId)).toEqual([]);

  expect(await answer(question.id, await entra.token("ada"), yes)).toMatchObject({
    status: 200,
    body: { status: "approved" },
  });
  expect(await outcomeOf(runId)).toMatchObject({ outcome: "isolated" });
  expect(await isolationsOf(machineId)).toHaveLength(1);

  const records = await auditOf(runId);
  expect(records).toContainEqual(
    expect.objectContaining({
      activity: "isolateMachine",
      event: "allowed",
      reason: expect.stringContaining(`approved by ada@contoso.example (approval ${question.id})`),
    }),
  );
  const denied = records.filter(
    ({ activity, event }: Record<string, string>) => activity === "answerQuestion" && event === "denied",
  );
  expect(denied.map(({ code }: { code: string }) => code)).toEqual(["TokenRefused", "TokenRefused", "WrongRole"]);
  expect((await answer(question.id, await entra.token("bob"), yes)).status).toBe(410);
});

test("a critical asset is not isolated after a no; the ticket was there before it, and says who said it and why", async () => {
  const { machineId, runId, question } = await containCrown(2);
  const ticketOf = async () => (await call("GET", `/api/runs/${runId}/ticket`, withKey())).body;
  const asked = await ticketOf();
  expect(asked.description).toContain(`People are asked:\nThe run ${runId} wants to take the step isolateMachine`);
  await answer(question.id, await entra.token("ada"), { approved: false, reason: "payroll runs tonight" });
  expect(await outcomeOf(runId)).toMatchObject({
    outcome: "not-isolated",
    words: expect.stringContaining("declined by ada@contoso.example: payroll runs tonight"),
  });
  expect(await isolationsOf(machineId)).toEqual([]);
  const { status, notes } = await ticketOf();
  const texts: string[] = notes.map(({ text }: { text: string }) => text);
  expect(status).toBe("open");
  expect(texts).toContain("Not isolated: declined by ada@contoso.example: payroll runs tonight.");
  expect(texts.at(-1)).toContain("declined by ada@contoso.example: payroll runs tonight");
  expect(texts.join(" ")).not.toContain("A person must decide");
});

test("whoever asks for a run with a token of theirs does not approve it; a bad token starts nothing", async () => {
  const authorization = `Bearer ${await entra.token("ada")}`;
  const { runId, machineId, question } = await containCrown(6, { authorization });
  expect((await call("GET", `/api/runs/${runId}`, withKey())).body).toMatchObject({
    requestedBy: "ada@contoso.example",
  });

  const yes = { approved: true, reason: "mine" };
  expect((await answer(question.id, await entra.token("ada"), yes)).status).toBe(403);
  expect(await isolationsOf(machineId)).toEqual([]);
  expect((await answer(question.id, await entra.token("bob"), yes)).status).toBe(200);
  expect(await outcomeOf(runId)).toMatchObject({ outcome: "isolated" });

  const path = "/api/playbooks/contain-device/runs";
  const body = JSON.stringify({ machineId: machineIdOf(7) });
  const bad = { ...withKey().headers, authorization: `Bearer ${await entra.token("ada", { tid: "other" })}` };
  expect((await call("POST", path, { headers: bad, body })).status).toBe(401);
  expect((await call("POST", path, { headers: { authorization }, body })).status).toBe(401);

  const release = (headers: object) =>
    call("POST", `/api/leases/${machineId}/release`, {
      headers: { ...withKey().headers, ...headers },
      body: JSON.stringify({ reason: "clean", by: "somebody else" }),
    });
  expect((await release({ authorization: bad.authorization })).status).toBe(401);
  expect(await release({ authorization })).toMatchObject({ status: 202, body: { by: "ada@contoso.example" } });
});

test("an approver answers in Slack; a replay and a forged request answer nothing", async () => {
  const { machineId, runId, question } = await containCrown(3);
  const press = (user: string, secret = SLACK_SECRET, seconds = Math.floor(Date.now() / 1_000)) => {
    const actions = [{ type: "button", action_id: "approve", value: question.id }];
    const payload = JSON.stringify({ type: "block_actions", user: { id: user }, actions });
    const body = new URLSearchParams({ payload }).toString();
    const hash = createHmac("sha256", secret).update(`v0:${seconds}:${body}`).digest("hex");
    const headers = { "x-slack-request-timestamp": String(seconds), "x-slack-signature": `v0=${hash}` };
    return call("POST", "/api/approvals/slack", { headers, body });
  };
  expect((await press("U0BOB", "another secret")).status).toBe(401);
  expect((await press("U0BOB", SLACK_SECRET, Math.floor(Date.now() / 1_000) - 301)).status).toBe(401);
  expect((await press("U0EVE")).text).toContain("not one of the approvers");
  expect(await isolationsOf(machineId)).toEqual([]);

  expect((await press("U0BOB")).text).toContain("You have approved");
  expect((await press("U0BOB")).text).toContain("does not count");
  expect(await outcomeOf(runId)).toMatchObject({ outcome: "isolated" });
  expect(await isolationsOf(machineId)).toHaveLength(1);
});

test("a link shows the question, answers at the press of its button, and works once", async () => {
  const { machineId, runId, question } = await containCrown(5);
  const { tableOf } = connectStorage({
    ...{ connectionString: stack.storageConnectionString, blobUrl: "", tableUrl: "", identity: {} },
  });
  const approvals = createTableApprovalStore(tableOf("approvals"), stack.settings.AZURE_TENANT_ID ?? "");
  const { secret, link } = newLink({ id: question.id, runId }, "bob@contoso.example");
  await approvals.change(question.id, (approval) =>
    withLinks({ ...approval, title: "<script>alert(1)</script>" }, [link]),
  );
  const path = `/api/approvals/${question.id}/links/${secret}`;

  const shown = await call("GET", path);
  expect(shown).toMatchObject({ status: 200, text: expect.stringContaining("bob@contoso.example") });
  expect(shown.text).toContain("&lt;script&gt;");
  expect(shown.text).not.toContain("<script>");
  expect(await isolationsOf(machineId)).toEqual([]);

  expect((await call("POST", path, { body: "answer=perhaps" })).status).toBe(400);
  expect((await call("POST", path, { body: "answer=approve&reason=go" })).status).toBe(200);
  expect(await outcomeOf(runId)).toMatchObject({ outcome: "isolated" });
  expect((await call("POST", path, { body: "answer=approve" })).status).toBe(410);
  expect((await call("GET", path)).status).toBe(410);
  const codes = (await auditOf(runId)).map(({ code }: { code: string }) => code);
  expect(codes.filter((code: string) => code === "LinkUsed")).toHaveLength(2);
});

test("a page of a link that is of no question says so, and nothing else", async () => {
  const { question } = await containCrown(4);
  const path = `/api/approvals/${question.id}/links/${"A".repeat(43)}`;
  const shown = await call("GET", path);
  expect(shown).toMatchObject({ status: 403, text: expect.stringContaining("does not answer any question") });
  expect(shown.text).not.toContain("isolateMachine");
  expect((await call("POST", path, { body: "answer=approve" })).status).toBe(403);
});

const USER_ID = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const ALERT_ID = "adf472900382838869_1364969609";

/** Has the sessions of the user of an alert of another product ended, and waits until people are asked. */
async function endSessions() {
  await stack.simulator.putRows("graphUsers", [{ id: USER_ID, userPrincipalName: "ana@contoso.example" }]);
  const evidence = [{ entityType: "User", aadUserId: USER_ID, userPrincipalName: "ana@contoso.example" }];
  await stack.simulator.addAlert({ id: ALERT_ID, serviceSource: "azureAdIdentityProtection", evidence });
  const { body } = await call("POST", "/api/playbooks/disable-compromised-user-sessions/runs", {
    ...withKey(),
    body: JSON.stringify({ alertId: ALERT_ID }),
  });
  const question = await until(async () => {
    const { body: asked } = await call("GET", "/api/approvals", withKey());
    return asked.approvals.find((open: { runId: string }) => open.runId === body.runId);
  });
  const revokedSince = async () => (await stack.simulator.rows("graphUsers"))[0]?.signInSessionsValidFromDateTime;
  return { runId: body.runId as string, question, revokedSince };
}

test("the sessions of a user end only after a yes, and the alert of the other product is told", async () => {
  const { runId, question, revokedSince } = await endSessions();
  expect(question.title).toBe("Approve revokeSignInSessions on user ana@contoso.example?");
  expect(await revokedSince()).toBeUndefined();

  await answer(question.id, await entra.token("ada"), { approved: true, reason: "token stolen" });
  expect(await outcomeOf(runId)).toMatchObject({ outcome: "done", userId: USER_ID, alertUpdated: true });
  expect(await revokedSince()).toMatch(/^\d{4}-/);
  const [alert] = (await stack.simulator.state()).alerts.filter(({ id }) => id === ALERT_ID);
  expect(alert?.comments[0]?.comment).toContain("Access tokens given out before stay good for an hour or so.");
});

test("the sessions of a user go on after a no", async () => {
  const { runId, question, revokedSince } = await endSessions();

  await answer(question.id, await entra.token("ada"), { approved: false, reason: "it was a drill" });
  expect(await outcomeOf(runId)).toMatchObject({
    outcome: "declined",
    words: expect.stringContaining("it was a drill"),
  });
  expect(await revokedSince()).toBeUndefined();
});

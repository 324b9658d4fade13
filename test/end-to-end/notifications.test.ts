import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openKeys } from "../../local/host/keys.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import { MAIL_PASSWORD, MAIL_USER, startMailServer } from "../helpers/mail-server.ts";
import { type Receiver, SLACK_TOKEN, startReceiver, startSlack } from "../helpers/receivers.ts";

const ADA = "ada@contoso.example";
const POLICY = `
criticalAssets: { tags: [crown], containment: ask }
approvals:
  approvers:
    - { id: ${ADA}, channels: [ada-mail] }
`;

let folder: string;
let stack: Stack;
let key: string;
const logged: string[] = [];
let slack: Receiver;
let broken: Receiver;
let mail: Awaited<ReturnType<typeof startMailServer>>;

const channels = () => `
channels:
  - { name: soc-slack, kind: slack, setting: NOTIFY_SLACK_TOKEN, channel: C0000000001, apiUrl: "${slack.url}/api",
      events: [question, containment, circuitBreakerOpened] }
  - { name: ada-mail, kind: mail, host: ${mail.host}, port: ${mail.port}, user: "${MAIL_USER}",
      setting: NOTIFY_SMTP_PASSWORD, from: playbooks@contoso.example, to: [${ADA}], personal: true }
  - { name: siem, kind: webhook, setting: NOTIFY_SIEM_URL, secretSetting: NOTIFY_SIEM_SECRET,
      events: [question, containment] }
`;

beforeAll(async () => {
  slack = await startSlack();
  mail = await startMailServer();
  broken = await startReceiver(() => ({ status: 500 }));
  folder = mkdtempSync(join(tmpdir(), "playbooks-notifications-"));
  const config = join(folder, "config");
  cpSync("config", config, { recursive: true });
  writeFileSync(join(config, "policy.yaml"), POLICY);
  writeFileSync(join(config, "notifications.yaml"), channels());
  stack = await startStack({
    folder,
    limitScale: 1_000,
    onLine: (_, line) => logged.push(line),
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    settings: {
      PLAYBOOKS_CONFIG_FOLDER: config,
      APPROVAL_SLACK_SIGNING_SECRET: "slack-signing-secret",
      NOTIFY_SLACK_TOKEN: SLACK_TOKEN,
      NOTIFY_SMTP_PASSWORD: MAIL_PASSWORD,
      NOTIFY_SIEM_URL: broken.url,
      NOTIFY_SIEM_SECRET: "a-secret-of-the-siem-0123",
    },
  });
  key = (await openKeys(stack.host.addresses.keysFile)).functionKey;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  for (const one of [slack, broken, mail]) await one?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: string) {
  const url = new URL(path, stack.host.addresses.url);
  const response = await fetch(url, {
    method,
    headers: { "x-functions-key": key },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: an answer of JSON, compared with what is expected of it.
  return { status: response.status, text, body: (text.startsWith("{") ? JSON.parse(text) : undefined) as any };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error("it did not come to hold");
}

const said = (words: string) => slack.messages.map(({ raw }) => raw).find((raw) => raw.includes(words));

test("a question reaches Slack and the approver's mail, is answered by the link of the mail, and the run goes on", async () => {
  const machineId = "c1".padStart(40, "0");
  await stack.simulator.addMachine({ id: machineId, machineTags: ["crown"] });
  const asked = JSON.stringify({ machineId, joinMinutes: 0 });
  const { runId } = (await call("POST", "/api/playbooks/contain-device/runs", asked)).body;

  const letter = await until(() => mail.letters.find(({ text }) => text.includes(runId)));
  const [link = ""] = /\S+\/api\/approvals\/[0-9a-f]{32}\/links\/\S+/.exec(letter.text) ?? [];
  const { pathname } = new URL(link);
  const [, , , questionId = "", , secret = ""] = pathname.split("/");
  const inSlack = await until(() => said("Approval wanted"));
  expect(inSlack).toContain(`"action_id":"approve","value":"${questionId}"`);
  for (const { raw } of slack.messages) expect(raw).not.toContain(secret);

  expect((await call("GET", pathname)).text).toContain(ADA);
  expect((await call("POST", pathname, "answer=approve&reason=go")).status).toBe(200);
  const outcome = await until(async () => (await call("GET", `/api/runs/${runId}`)).body.outcome);
  expect(outcome).toMatchObject({ outcome: "isolated" });
  expect(said(`Isolated: `)).toContain(machineId);
  expect(broken.calls()).toBeGreaterThan(0);

  const { records } = (await call("GET", `/api/runs/${runId}/audit`)).body;
  const ofChannel = (name: string) =>
    records
      .filter(({ target }: { target: string }) => target === `channel ${name}`)
      .map((one: { event: string }) => one.event);
  expect(ofChannel("ada-mail")).toEqual(["done"]);
  expect(ofChannel("siem")).toContain("failed");
  const everything = JSON.stringify([records, await call("GET", `/api/runs/${runId}`), logged]);
  for (const hidden of [secret, SLACK_TOKEN, MAIL_PASSWORD, broken.url]) expect(everything).not.toContain(hidden);
});

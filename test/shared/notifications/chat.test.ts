import { describe, expect, test } from "vitest";
import type { ChannelSetting } from "../../../shared/notifications/channel.ts";
import { ChannelSettings } from "../../../shared/notifications/channel-settings.ts";
import { createChannel } from "../../../shared/notifications/read-notifications.ts";
import { aMessage, HOSTILE } from "../../helpers/message.ts";
import { type Receiver, SLACK_PATH, SLACK_TOKEN, startSlack, startTeams, TEAMS_PATH } from "../../helpers/receivers.ts";

const START = Date.parse("2026-01-05T09:00:00Z");

/** A channel over a service, in a time that only waits move. */
function channelTo(settings: object, values: Record<string, string>, setting: Partial<ChannelSetting> = {}) {
  let now = START;
  const waits: number[] = [];
  const pass = (ms: number): void => {
    now += ms;
  };
  const clock = {
    now: () => now,
    async wait(ms: number) {
      waits.push(ms);
      now += ms;
    },
  };
  const channel = createChannel(ChannelSettings.parse({ name: "soc", ...settings }), {
    settingOf: (name) => values[name],
    takesSlackAnswers: true,
    clock,
    ...setting,
  });
  return { ...channel, waits, pass };
}

const KINDS = {
  teams: {
    start: startTeams,
    path: TEAMS_PATH,
    settings: { kind: "teams", setting: "NOTIFY_URL" },
    values: ({ url }: Receiver) => ({ NOTIFY_URL: url + TEAMS_PATH }),
  },
  "slack webhook": {
    start: startSlack,
    path: SLACK_PATH,
    settings: { kind: "slack", setting: "NOTIFY_URL" },
    values: ({ url }: Receiver) => ({ NOTIFY_URL: url + SLACK_PATH }),
  },
  "slack bot": {
    start: startSlack,
    path: "/api/chat.postMessage",
    settings: { kind: "slack", setting: "NOTIFY_URL", channel: "C0000000001" },
    values: () => ({ NOTIFY_URL: SLACK_TOKEN }),
  },
};

describe.each(Object.entries(KINDS))("a channel of %s", (_, { start, path, settings, values }) => {
  const open = (receiver: Receiver, changes: object = {}) =>
    channelTo(
      { ...settings, ...("channel" in settings && { apiUrl: `${receiver.url}/api` }), ...changes },
      values(receiver),
    );

  test("delivers what people need to know", async () => {
    await using receiver = await start();
    await open(receiver).deliver(aMessage());

    expect(receiver.messages).toHaveLength(1);
    const [{ path: asked, raw } = { path: "", raw: "" }] = receiver.messages;
    expect(asked).toBe(path);
    for (const words of ["Isolated: fin-laptop-07", "Ticket 12.", "Device: ", "fin-laptop-07"]) {
      expect(raw).toContain(words);
    }
  });

  test("cuts what is too long, and says so", async () => {
    await using receiver = await start();
    for (const text of ["Ж".repeat(40_000), "\n".repeat(40_000), '"'.repeat(40_000), "😀\u0001".repeat(20_000)]) {
      await open(receiver).deliver(aMessage({ text: `x${text}x` }));
    }

    expect(receiver.messages).toHaveLength(4);
    for (const { raw } of receiver.messages) expect(raw).toContain("(cut)");
  });

  test("waits as long as the service asks, and then delivers", async () => {
    await using receiver = await start();
    const channel = open(receiver);
    receiver.fail({ status: 429, headers: { "retry-after": "30" } });
    await expect(channel.deliver(aMessage())).rejects.toMatchObject({ mayPass: true });
    await expect(channel.deliver(aMessage())).rejects.toMatchObject({ mayPass: true });
    expect(receiver.calls()).toBe(1);

    channel.pass(30_000);
    await channel.deliver(aMessage());
    expect(receiver.messages).toHaveLength(1);
  });

  test("is not sent messages faster than the service allows", async () => {
    await using receiver = await start();
    const channel = open(receiver);
    for (let sent = 0; sent < 4; sent++) await channel.deliver(aMessage());

    expect(channel.waits).toHaveLength(3);
    expect(Math.min(...channel.waits)).toBeGreaterThanOrEqual(250);
  });

  test.each([{ status: 500 }, { status: 503 }, "reset" as const])("may pass where it is down: %o", async (failure) => {
    await using receiver = await start();
    receiver.fail(failure);
    await expect(open(receiver).deliver(aMessage())).rejects.toMatchObject({ name: "DeliveryError", mayPass: true });
  });

  test.each([400, 403, 404, 410, 413, 302])(
    "does not pass where it refuses with %i, and says what to look at",
    async (status) => {
      await using receiver = await start();
      receiver.fail({ status, body: `no: ${receiver.url}${path} ${SLACK_TOKEN}`, headers: { location: receiver.url } });
      const error = await open(receiver)
        .deliver(aMessage())
        .catch((error) => error);

      expect(error).toMatchObject({ name: "DeliveryError", mayPass: false });
      expect(error.message).toContain(String(status));
      expect(error.message).toContain("NOTIFY_URL");
      expect(receiver.calls()).toBe(1);
      for (const secret of [receiver.url, "secret", SLACK_TOKEN]) expect(error.message).not.toContain(secret);
    },
  );

  test("does not pass without its setting, nor with one that cannot be used", async () => {
    const wrong = [undefined, " ", "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/x)"];
    for (const value of [...wrong, ...("channel" in settings ? [] : ["http://example.com/secret", "secret"])]) {
      const channel = channelTo(settings, value === undefined ? {} : { NOTIFY_URL: value });
      const error = await channel.deliver(aMessage()).catch((error) => error);
      expect(error).toMatchObject({ name: "DeliveryError", mayPass: false });
      expect(error.message).toContain("NOTIFY_URL");
      expect(error.message).not.toContain("secret/");
      expect(error.message).not.toContain("example");
    }
  });
});

test("in Teams hostile text stands in runs of text, which know no Markdown, and links of a person are buttons", async () => {
  await using teams = await startTeams();
  const url = "https://playbooks.example/api/approvals/1/links/2";
  const message = aMessage({ title: HOSTILE, text: HOSTILE, facts: [{ name: HOSTILE, value: HOSTILE }] });
  const channel = channelTo(KINDS.teams.settings, KINDS.teams.values(teams));
  await channel.deliver({ ...message, links: [{ label: "Answer", url }] });

  const [{ body: posted } = { body: undefined }] = teams.messages;
  const { body, actions, ...rest } = posted.attachments[0].content;
  expect(actions).toEqual([{ type: "Action.OpenUrl", title: "Answer", url }]);
  expect(JSON.stringify(rest)).not.toContain("evil");
  expect(rest.msteams).toEqual({ width: "Full" });
  const lines = body.map(({ inlines }: { inlines: { text: string }[] }) => inlines.map(({ text }) => text).join(""));
  expect(lines).toContain("Bcc: all@contoso.example");
  expect(lines.join("")).toContain("[click](https://evil.example) **bold** <!here>");
  expect(lines.join("")).not.toContain("\u202E");
});

test("in Slack hostile text mentions nobody and links nowhere", async () => {
  await using slack = await startSlack();
  const message = aMessage({ title: HOSTILE, text: HOSTILE, facts: [{ name: HOSTILE, value: HOSTILE }] });
  await channelTo(KINDS["slack webhook"].settings, KINDS["slack webhook"].values(slack)).deliver(message);

  const [{ body } = { body: undefined }] = slack.messages;
  const { text, blocks, ...rest } = body;
  expect(text).not.toMatch(/[<>]/);
  expect(text).toContain("&lt;!here&gt;");
  expect(rest).toEqual({ unfurl_links: false, unfurl_media: false });
  expect(blocks).toHaveLength(1);
  const { elements } = blocks[0].elements[0];
  expect(elements.every(({ type }: { type: string }) => type === "text")).toBe(true);
});

test("a question in Slack has buttons that the app takes answers from, if it takes any", async () => {
  await using slack = await startSlack();
  const { settings, values } = KINDS["slack webhook"];
  const question = aMessage({ event: "question", questionId: "f".repeat(32) });
  await channelTo(settings, values(slack)).deliver(question);
  await channelTo(settings, values(slack), { takesSlackAnswers: false }).deliver(question);

  const [withButtons, without] = slack.messages.map(({ body }) => body.blocks);
  expect(withButtons[1].elements).toMatchObject([
    { type: "button", action_id: "approve", value: "f".repeat(32) },
    { type: "button", action_id: "decline", value: "f".repeat(32) },
  ]);
  expect(without).toHaveLength(1);
});

test.each([
  ["invalid_auth", false],
  ["channel_not_found", false],
  ["ratelimited", true],
  ["internal_error", true],
])("Slack says no to a bot with 200 and %s", async (error, mayPass) => {
  await using slack = await startSlack();
  slack.fail({ status: 200, body: JSON.stringify({ ok: false, error }) });
  const settings = { ...KINDS["slack bot"].settings, apiUrl: `${slack.url}/api` };
  const failure = await channelTo(settings, KINDS["slack bot"].values())
    .deliver(aMessage())
    .catch((error) => error);

  expect(failure).toMatchObject({ name: "DeliveryError", mayPass });
  expect(failure.message).toContain(error);
});

import { createHmac, timingSafeEqual } from "node:crypto";
import { expect, test } from "vitest";
import { ChannelSettings } from "../../../shared/notifications/channel-settings.ts";
import { createChannel } from "../../../shared/notifications/read-notifications.ts";
import { aMessage, HOSTILE } from "../../helpers/message.ts";
import { type Received, type Receiver, startReceiver } from "../../helpers/receivers.ts";

const SECRET = "a-secret-of-the-siem-0123";

/** As docs/notifications.md tells receivers to check. */
function isGenuine({ headers, raw }: Received, secret: string, now: number): boolean {
  const timestamp = String(headers["x-signature-timestamp"]);
  if (Math.abs(now / 1000 - Number(timestamp)) > 300) return false;
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(`${timestamp}.${raw}`).digest("hex")}`);
  const given = Buffer.from(String(headers["x-signature-256"]));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const startSystem = (now: () => number = Date.now) =>
  startReceiver((request) =>
    isGenuine(request, SECRET, now()) ? { status: 204, taken: true } : { status: 401, body: `wrong for ${SECRET}` },
  );

function webhookTo({ url }: Receiver, secret = SECRET) {
  const values: Record<string, string> = { NOTIFY_SIEM_URL: `${url}/in?key=url-secret`, NOTIFY_SIEM_SECRET: secret };
  const settings = { name: "siem", kind: "webhook", setting: "NOTIFY_SIEM_URL", secretSetting: "NOTIFY_SIEM_SECRET" };
  return createChannel(ChannelSettings.parse(settings), {
    settingOf: (name) => values[name],
    takesSlackAnswers: false,
  });
}

test("a system gets the notification as it is, and can tell that it comes from the app", async () => {
  await using system = await startSystem();
  await webhookTo(system).deliver(aMessage({ title: HOSTILE, severity: "High" }));

  const [{ body, headers } = { body: undefined, headers: undefined }] = system.messages;
  expect(body).toEqual({
    ...{ id: "0123456789abcdef0123456789abcdef", runId: "run-1", event: "containment", severity: "High" },
    ...{ title: HOSTILE, text: "Isolated.\nTicket 12.", facts: [{ name: "Device", value: "fin-laptop-07" }] },
  });
  expect(headers?.["x-notification-id"]).toBe(body.id);
});

test("a changed body, another secret and an old message are told apart", async () => {
  await using system = await startSystem();
  await webhookTo(system).deliver(aMessage());
  const [message] = system.messages as [Received];

  expect(isGenuine(message, SECRET, Date.now())).toBe(true);
  expect(isGenuine({ ...message, raw: message.raw.replace("Isolated", "Released") }, SECRET, Date.now())).toBe(false);
  expect(isGenuine(message, "another", Date.now())).toBe(false);
  expect(isGenuine(message, SECRET, Date.now() + 301_000)).toBe(false);
  const later = { ...message.headers, "x-signature-timestamp": String(Math.floor(Date.now() / 1000) + 60) };
  expect(isGenuine({ ...message, headers: later }, SECRET, Date.now())).toBe(false);
});

test("a system that does not know the secret refuses, and neither secret nor address is in the message", async () => {
  await using system = await startSystem();
  const error = await webhookTo(system, "another-secret-altogether")
    .deliver(aMessage())
    .catch((error) => error);

  expect(error).toMatchObject({
    mayPass: false,
    message: "The webhook answered 401; check the app setting NOTIFY_SIEM_URL",
  });
});

test("a secret that could be guessed is not used", async () => {
  await using system = await startSystem();
  const error = await webhookTo(system, "short")
    .deliver(aMessage())
    .catch((error) => error);

  expect(error).toMatchObject({ mayPass: false, message: expect.stringContaining("NOTIFY_SIEM_SECRET") });
  expect(system.calls()).toBe(0);
});

test("a link that answers for a person is in no webhook", async () => {
  await using system = await startSystem();
  await webhookTo(system).deliver(aMessage({ links: [{ label: "Answer", url: "https://playbooks.example/x" }] }));

  expect(system.messages[0]?.raw).not.toContain("playbooks.example");
});

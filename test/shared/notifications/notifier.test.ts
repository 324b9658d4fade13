import { expect, test } from "vitest";
import { notify } from "../../../functions/activities/notify.ts";
import { DeliveryError } from "../../../shared/notifications/delivery-error.ts";
import { Notification } from "../../../shared/notifications/notification.ts";
import { performUnderPolicy } from "../../../shared/policy/perform-under-policy.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import type { Services } from "../../../shared/services.ts";
import { channelsInMemory } from "../../helpers/channels.ts";

const notification = Notification.parse({
  ...{ key: "contained", event: "containment", title: "Isolated", text: "Isolated." },
});
const events = ["containment"] as const;

const down = () => new DeliveryError("answered 503", { mayPass: true });
const refusing = () => new DeliveryError("answered 404", { mayPass: false });

function setUp(channels: Parameters<typeof channelsInMemory>[0], policy: object = {}) {
  const { notifier, sent, audit } = channelsInMemory(channels);
  const services = {
    notifier,
    policy: () => Policy.parse(policy),
    audit: { record: async (entry: never) => void audit.push(entry) },
  } as unknown as Services;
  const perform = (asking: object = {}) =>
    performUnderPolicy(notify, notification, services, { runId: "run-1", ...asking });
  return { notifier, sent, audit, perform, namesOfSent: () => sent.map(({ channel }) => channel) };
}

test("every channel that wants the event is told once, however often the step is repeated", async () => {
  const { perform, namesOfSent } = setUp({ soc: { events }, night: { events }, other: { events: ["question"] } });

  expect(await perform()).toEqual({
    deliveries: [
      { channel: "soc", outcome: "sent" },
      { channel: "night", outcome: "sent" },
    ],
  });
  expect(await perform()).toMatchObject({ deliveries: [{ outcome: "already-sent" }, { outcome: "already-sent" }] });
  expect(namesOfSent()).toEqual(["soc", "night"]);
  await perform({ runId: "run-2" });
  expect(namesOfSent()).toHaveLength(4);
});

test("a message is the same for a channel when it is sent again, and another one for another channel", async () => {
  let isLost = true;
  const failure = () => (isLost ? down() : undefined);
  const ids: string[] = [];
  const { notifier, sent } = setUp({ soc: { events }, night: { events, failure } });
  await notifier.tell("run-1", notification);
  isLost = false;
  await notifier.tell("run-1", notification);
  ids.push(...sent.map(({ id }) => id));

  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(ids).size).toBe(2);
});

test("a channel that is down is tried again alone, and in the end the run goes on without it", async () => {
  const { perform, namesOfSent, audit } = setUp({ soc: { events }, night: { events, failure: down } });

  await expect(perform()).rejects.toThrow("night: answered 503");
  await expect(perform()).rejects.toThrow("night: answered 503");
  expect(await perform({ isLastTry: true })).toEqual({
    deliveries: [
      { channel: "soc", outcome: "already-sent" },
      { channel: "night", outcome: "failed", reason: "answered 503" },
    ],
  });
  expect(namesOfSent()).toEqual(["soc"]);
  expect(audit.filter(({ event }) => event === "failed")).toHaveLength(3);
});

test("a channel that refuses, and one that fails in a way nobody foresaw, hold up nobody", async () => {
  const failure = () => new Error("connect https://hooks.example/secret");
  const { perform, namesOfSent, audit } = setUp({
    gone: { events, failure: refusing },
    odd: { events, failure },
    soc: { events },
  });

  expect(await perform()).toMatchObject({ deliveries: [{ reason: "answered 404" }, {}, { outcome: "sent" }] });
  expect(namesOfSent()).toEqual(["soc"]);
  expect(JSON.stringify(audit)).not.toContain("secret");
});

test("a channel that is named and not there is said to be missing", async () => {
  const { notifier } = setUp({});

  expect(await notifier.tell("run-1", notification, ["soc"])).toEqual({
    deliveries: [
      { channel: "soc", outcome: "failed", reason: "there is no channel of this name in notifications.yaml" },
    ],
    toBeTriedAgain: [],
  });
});

test("a run that only pretends tells nobody, whether it was started so or the policy says so", async () => {
  const { perform, sent, audit } = setUp({ soc: { events } });
  expect(await perform({ mode: "shadow" })).toEqual({ deliveries: [] });
  const { perform: inShadow, sent: sentInShadow } = setUp({ soc: { events } }, { shadow: { everything: true } });
  expect(await inShadow()).toEqual({ deliveries: [] });

  expect([sent, sentInShadow]).toEqual([[], []]);
  expect(audit).toMatchObject([{ event: "would-have", activity: "notify" }]);
});

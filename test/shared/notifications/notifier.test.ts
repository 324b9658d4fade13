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
  const started: unknown[] = [];
  const runs = { startOnce: async (...about: unknown[]) => void started.push(about) };
  const services = {
    notifier,
    runs,
    policy: () => Policy.parse(policy),
    audit: { record: async (entry: never) => void audit.push(entry) },
  } as unknown as Services;
  const perform = (asking: object = {}, telling: object = {}) =>
    performUnderPolicy(notify, { ...notification, ...telling }, services, { runId: "run-1", ...asking });
  return { started, notifier, sent, audit, perform, namesOfSent: () => sent.map(({ channel }) => channel) };
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

test("a channel that is down holds up neither the run nor the others: a run of its own tries it again", async () => {
  const { perform, namesOfSent, started } = setUp({ soc: { events }, night: { events, failure: down } });

  expect(await perform()).toEqual({
    deliveries: [
      { channel: "soc", outcome: "sent" },
      { channel: "night", outcome: "failed", reason: "answered 503" },
    ],
  });
  expect(namesOfSent()).toEqual(["soc"]);
  expect(started).toEqual([["tell-people", expect.stringMatching(/^tell-/), { ...notification, ofRun: "run-1" }]]);
});

test("the run that tries again sends to nobody twice, and ends in the end", async () => {
  const { perform, namesOfSent, audit } = setUp({ soc: { events }, night: { events, failure: down } });
  await perform();
  const again = (isLastTry: boolean) => perform({ runId: "tell-1", isLastTry }, { ofRun: "run-1" });

  await expect(again(false)).rejects.toThrow("night: answered 503");
  expect(await again(true)).toMatchObject({ deliveries: [{ outcome: "already-sent" }, { outcome: "failed" }] });
  expect(namesOfSent()).toEqual(["soc"]);
  expect(audit.filter(({ event, runId }) => event === "failed" && runId === "run-1")).toHaveLength(3);
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

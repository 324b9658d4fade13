import { expect, test } from "vitest";
import { blockNetworkIndicator } from "../../functions/playbooks/block-network-indicator.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const script: Script = {
  submitIndicator: () => ({ id: "17" }),
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
};
const block = (changes: Script = {}, parameters = {}) =>
  play(blockNetworkIndicator, { value: "evil.example", alertId: ALERT_ID, ...parameters }, { ...script, ...changes });
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};

test.each([
  ["203.0.113.7", "IpAddress"],
  ["evil.example", "DomainName"],
  ["https://evil.example/drop", "Url"],
])("blocks %s as %s until the day it was told", (value, indicatorType) => {
  const { result, steps } = block({}, { value, expiryDays: 2 });
  expect(steps[0]).toMatchObject({
    name: "submitIndicator",
    input: { indicatorType, indicatorValue: value, action: "Block", expirationTime: "2026-01-07T09:00:00.000Z" },
  });
  expect(result).toMatchObject({ outcome: "done", indicatorId: "17", ticketId: "SEC-1" });
});

test("says on ticket and alert what was blocked and until when", () => {
  const { steps } = block();
  const words =
    "Block of evil.example: done, as indicator 17, until 2026-04-05T09:00:00.000Z (UTC). " +
    "It reaches devices after a while, up to some hours. Ticket SEC-1.";
  expect(texts(steps, "updateAlert")).toEqual([words]);
  expect(texts(steps, "addTicketNote")).toEqual([words]);
});

test("cannot be started with an address that every network has", () => {
  expect(() => block({}, { value: "10.0.0.1" })).toThrow("inside networks only");
});

test.each([
  ["KillSwitch", "not-allowed", "not allowed by policy: ana said no"],
  ["Declined", "declined", "declined: ana said no"],
  ["ApprovalExpired", "expired", "nobody approved it in time: ana said no"],
  ["BadRequest", "failed", "failed: ana said no"],
])("takes %s for an answer and says so", (code, outcome, words) => {
  const { result, steps } = block({ submitIndicator: refusing(code, "ana said no") });
  expect(result).toMatchObject({ outcome, words: `Block of evil.example: ${words}`, indicatorId: undefined });
  expect(texts(steps, "addTicketNote")[0]).toContain(words);
});

test("blocks while the ticket system is down, and says so on the alert", () => {
  const down = refusing("Unavailable", "the ticket system is down");
  const { result, steps } = block({ openTicket: down, addTicketNote: down });
  expect(result).toMatchObject({ outcome: "done", ticketId: undefined });
  expect(texts(steps, "updateAlert")[0]).toContain("No ticket could be opened.");
});

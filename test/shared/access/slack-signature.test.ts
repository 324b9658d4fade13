import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { isSignedBySlack } from "../../../shared/access/slack-signature.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow";
const timestamp = "1531420618";
const at = 1_531_420_618_000;
const sign = (secret: string, time = timestamp) =>
  `v0=${createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex")}`;

test("what Slack signed in the last five minutes is taken", () => {
  const signed = { timestamp, signature: sign(SECRET) };
  expect(isSignedBySlack(body, signed, SECRET, at)).toBe(true);
  expect(isSignedBySlack(body, signed, SECRET, at + 299_000)).toBe(true);
});

test.each([
  ["is older than five minutes", { timestamp, signature: sign(SECRET) }, at + 301_000],
  ["comes from the future", { timestamp, signature: sign(SECRET) }, at - 301_000],
  ["is signed with another secret", { timestamp, signature: sign("other") }, at],
  ["has the time of another request", { timestamp: "1531420619", signature: sign(SECRET) }, at],
  ["has no time", { timestamp: null, signature: sign(SECRET) }, at],
  ["has a time that is no number", { timestamp: "soon", signature: sign(SECRET, "soon") }, at],
  ["has no signature", { timestamp, signature: null }, at],
  ["has a shorter signature", { timestamp, signature: "v0=" }, at],
  ["is signed in an unknown version", { timestamp, signature: sign(SECRET).replace("v0", "v1") }, at],
] as const)("what %s is refused", (_, signed, now) => {
  expect(isSignedBySlack(body, signed, SECRET, now)).toBe(false);
});

test("a body that was altered is refused", () => {
  expect(isSignedBySlack(`${body} `, { timestamp, signature: sign(SECRET) }, SECRET, at)).toBe(false);
});

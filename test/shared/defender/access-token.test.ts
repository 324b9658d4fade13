import type { GetTokenOptions } from "@azure/identity";
import { expect, test } from "vitest";
import { createTokenSource } from "../../../shared/defender/access-token.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Gives tokens of an hour, numbered, and lets a test decide when and whether they arrive. */
function entra() {
  let now = Date.parse("2026-01-05T09:00:00Z");
  const asked: { scope: string; options: GetTokenOptions }[] = [];
  let trouble: Error | undefined;
  let gate = Promise.resolve();
  const credential = {
    async getToken(scope: string | string[], options: GetTokenOptions = {}) {
      asked.push({ scope: String(scope), options });
      const number = asked.length;
      await gate;
      if (trouble) throw trouble;
      return { token: `${scope} #${number}`, expiresOnTimestamp: now + HOUR_MS };
    },
  };
  return {
    asked,
    source: (scope = "defender") => createTokenSource(credential, scope, () => now),
    advance: (ms: number) => {
      now += ms;
    },
    fail: (error?: Error) => {
      trouble = error;
    },
    /** Holds answers back until the function it returns is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

test("asks once for all who call at the same time, and not again while the token is good", async () => {
  const { source, asked } = entra();
  const tokens = source();
  const together = await Promise.all(Array.from({ length: 50 }, () => tokens.get()));

  expect(new Set([...together, await tokens.get()])).toEqual(new Set(["defender #1"]));
  expect(asked).toHaveLength(1);
});

test("renews five minutes before the token ends", async () => {
  const { source, advance } = entra();
  const tokens = source();
  const seen = [await tokens.get()];
  for (const ms of [HOUR_MS - 5 * MINUTE_MS - 1, 1]) {
    advance(ms);
    seen.push(await tokens.get());
  }

  expect(seen).toEqual(["defender #1", "defender #1", "defender #2"]);
});

test("fails everybody who waits with the failed request, and asks again for the next", async () => {
  const { source, fail, asked } = entra();
  const tokens = source();
  fail(new Error("Entra is down"));
  const together = await Promise.allSettled([tokens.get(), tokens.get()]);
  fail();

  expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await tokens.get()).toBe("defender #2");
  expect(asked).toHaveLength(2);
});

test("holds the tokens of one identity apart by scope", async () => {
  const { source, asked } = entra();
  const [defender, graph] = [source("defender"), source("graph")];
  const seen = await Promise.all([defender.get(), graph.get(), defender.get(), graph.get()]);

  expect(seen).toEqual(["defender #1", "graph #2", "defender #1", "graph #2"]);
  expect(asked.map(({ scope }) => scope)).toEqual(["defender", "graph"]);
});

test("gets one new token when many calls were refused with the old one, however late they say so", async () => {
  const { source, asked } = entra();
  const tokens = source();
  const refused = await tokens.get();
  tokens.forget(refused);
  tokens.forget(refused);
  const renewed = await tokens.get();
  tokens.forget(refused);

  expect([renewed, await tokens.get()]).toEqual(["defender #2", "defender #2"]);
  expect(asked).toHaveLength(2);
});

test("keeps a token that is under way when a call with an older one is refused", async () => {
  const { source, hold, asked } = entra();
  const tokens = source();
  const refused = await tokens.get();
  tokens.forget(refused);
  const release = hold();
  const underWay = tokens.get();
  tokens.forget(refused);
  release();

  expect([await underWay, await tokens.get()]).toEqual(["defender #2", "defender #2"]);
  expect(asked).toHaveLength(2);
});

test("wants a token issued from now on after a refusal, until it has one", async () => {
  const { source, fail, asked } = entra();
  const tokens = source();
  tokens.forget(await tokens.get());
  fail(new Error("Entra is down"));
  await tokens.get().catch(() => undefined);
  fail();
  await tokens.get();

  const claims = `{"access_token":{"nbf":{"essential":true,"value":"${Date.parse("2026-01-05T09:00:00Z") / 1000}"}}}`;
  expect(asked.map(({ options }) => options.claims)).toEqual([undefined, claims, claims]);
});

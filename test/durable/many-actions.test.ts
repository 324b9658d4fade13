import { expect, test } from "vitest";
import { drainIsolations, followOpenActions } from "../../bench/quota-scenarios.ts";

/** Virtual hours and days, but many steps: on two cores this takes the better part of a minute. */
const PATIENCE_MS = 300_000;

test(
  "2,000 isolations at once are asked for in the least time that the limits allow, and none is refused",
  async () => {
    const { throttled, drainRatio, listCallsPerHour } = await drainIsolations(2_000);

    expect(throttled).toBe(0);
    expect(listCallsPerHour).toBeLessThanOrEqual(240);
    expect(drainRatio).toBeLessThanOrEqual(1.01);
  },
  PATIENCE_MS,
);

test(
  "1,000 open machine actions are followed with at most 240 lists an hour, and each run is told within one look",
  async () => {
    const { actions, throttled, listCallsPerHour, slowestSeconds } = await followOpenActions(1_000);

    expect(actions).toBe(1_000);
    expect(throttled).toBe(0);
    expect(listCallsPerHour).toBeLessThanOrEqual(240);
    expect(slowestSeconds).toBeLessThanOrEqual(65);
  },
  PATIENCE_MS,
);

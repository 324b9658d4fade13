import { expect, test } from "vitest";
import { scaleLimit } from "../../../shared/quota/limit.ts";

test("the app may use a share of each limit, rounded down", () => {
  expect(scaleLimit({ perMinute: 45, perHour: 1_500 }, 0.5)).toEqual({ perMinute: 22, perHour: 750 });
});

test("a share is at least one call, as none would stop everything", () => {
  expect(scaleLimit({ perMinute: 2, perHour: 50 }, 0.1)).toEqual({ perMinute: 1, perHour: 5 });
});

test("what is not limited stays so", () => {
  expect(scaleLimit({ perMinute: 15 }, 0.8)).toEqual({ perMinute: 12 });
  expect(scaleLimit({}, 0.8)).toEqual({});
});

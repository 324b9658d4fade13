import { expect, test } from "vitest";
import { compare, madeWhenTheyWere, openOrRecent } from "../../../shared/watches/look.ts";
import { anIsolation } from "../../helpers/builders.ts";

const now = Date.parse("2026-01-05T09:00:00Z");
const watch = (since: string) => ({ runId: "run-1", event: "news-1", since, machineActionId: anIsolation().id });
const young = watch("2026-01-05T08:59:00Z");
const old = watch("2026-01-04T09:00:00Z");

test("tells those whose action has ended, however old it is", () => {
  const ended = anIsolation({ status: "TimeOut" });

  expect(compare([young, old], [ended], now)).toEqual({
    ended: [
      { watch: young, action: ended },
      { watch: old, action: ended },
    ],
    gone: [],
    lost: [],
  });
});

test("lets those wait whose action is open, or too young to be listed", () => {
  expect(compare([young, old], [anIsolation({ status: "InProgress" })], now)).toEqual({
    ended: [],
    gone: [],
    lost: [],
  });
  expect(compare([young], [], now)).toEqual({ ended: [], gone: [], lost: [] });
});

test("asks about an older action that is not among the open ones any more", () => {
  expect(compare([young, old], [], now)).toEqual({ ended: [], gone: [old], lost: [] });
});

test("takes an unknown status for open", () => {
  expect(compare([old], [anIsolation({ status: "Rescheduled" })], now)).toEqual({ ended: [], gone: [], lost: [] });
});

test("asks Defender with documented filters only", () => {
  expect(openOrRecent(now).text).toBe(
    "(status eq 'Pending' or status eq 'InProgress') or creationDateTimeUtc ge 2026-01-05T08:40:00.000Z",
  );
  expect(madeWhenTheyWere([old, watch("2026-01-04T10:00:00Z")]).text).toBe(
    "creationDateTimeUtc ge 2026-01-04T08:55:00.000Z and creationDateTimeUtc le 2026-01-04T10:05:00.000Z",
  );
});

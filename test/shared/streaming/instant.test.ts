import { expect, test } from "vitest";
import { instantOf } from "../../../shared/streaming/instant.ts";

test.each([
  ["2026-03-09T14:22:31.6551234Z", "2026-03-09T14:22:31.655Z"],
  ["2026-03-09T14:22:31.6Z", "2026-03-09T14:22:31.600Z"],
  ["2026-03-09T14:22:31Z", "2026-03-09T14:22:31.000Z"],
  ["2026-03-09T14:22:31.0000000", "2026-03-09T14:22:31.000Z"],
  ["2026-03-09 14:22:31", "2026-03-09T14:22:31.000Z"],
  ["2026-03-09T14:22:31+02:00", "2026-03-09T12:22:31.000Z"],
  ["0001-01-01T00:00:00", "0001-01-01T00:00:00.000Z"],
])("%s means %s; without a zone it is UTC", (timestamp, instant) => {
  expect(instantOf(timestamp)?.toISOString()).toBe(instant);
});

test.each(["", "yesterday", "2026-13-45T99:99:99Z", "2026-03-09", "1", "2026-03-09T14:22:31.12345678901234567890Z"])(
  "%j is no timestamp",
  (text) => {
    expect(instantOf(text)).toBeUndefined();
  },
);

import fc from "fast-check";
import { expect, test } from "vitest";
import { checkMessage } from "./check-message.ts";
import { anyMessage } from "./messages.ts";

/** A few for every run of the tests; `npm run fuzz` takes more. */
const runs = Number(process.env.FUZZ_RUNS ?? 1_500);
const seed = Number(process.env.FUZZ_SEED ?? 20_260_113);

test(`of ${runs} messages none harms, and each record of them is accounted for`, () => {
  const seen = { alerts: 0, rejected: 0, records: 0 };
  fc.assert(
    fc.property(anyMessage, (message) => {
      const { alerts, rejected, records } = checkMessage(message);
      seen.alerts += alerts;
      seen.rejected += rejected;
      seen.records += records;
    }),
    { numRuns: runs, seed },
  );
  // All must happen often, or the messages are too mild or too wild to test anything.
  expect(Math.min(seen.alerts, seen.rejected, seen.records - seen.rejected)).toBeGreaterThan(runs / 4);
}, 600_000);

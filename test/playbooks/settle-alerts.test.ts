import { expect, test } from "vitest";
import { settleAlerts } from "../../functions/playbooks/settle-alerts.ts";
import { PermanentError } from "../../shared/errors.ts";
import { play, startedAt } from "../helpers/play.ts";

const round = startedAt.toISOString();
const waitsUntil = new Date(startedAt.getTime() + 35_000).toISOString();
const settleRound = () => ({ complete: 3, incomplete: 1 });

test("gives the rest of the alerts time to come before it looks again", () => {
  const { endedAt, result } = play(settleAlerts, { round, waitsUntil }, { settleRound });

  expect(endedAt.toISOString()).toBe(waitsUntil);
  expect(result).toEqual({ complete: 3, incomplete: 1 });
});

test("loses no alert to an outage of the storage", () => {
  const { result } = play(
    settleAlerts,
    { round, waitsUntil },
    {
      settleRound: (_, times) => {
        if (times < 5) throw new PermanentError("Unavailable", "no answer");
        return settleRound();
      },
    },
  );

  expect(result).toMatchObject({ incomplete: 1 });
});

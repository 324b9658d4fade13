import * as df from "durable-functions";
import { expect, test } from "vitest";
import { purgeRuns } from "../../functions/triggers/purge-runs.ts";
import { engineWith } from "../host/durable/engine-under-test.ts";

const DAY_MS = 86_400_000;

test("forgets ended runs that are older than asked, and no run that goes on", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("short", function* () {
      return "done";
    });
    df.app.orchestration("long", function* (context) {
      yield context.df.waitForExternalEvent("never");
    });
  });
  const { client, clock } = engine;
  const startedAt = clock.now().getTime();
  await engine.ended(await client.startNew("short", { instanceId: "old" }));
  await client.startNew("long", { instanceId: "open" });
  clock.advance(2 * DAY_MS);
  await engine.ended(await client.startNew("short", { instanceId: "young" }));

  expect(await purgeRuns(client, new Date(startedAt - DAY_MS))).toBe(0);
  expect(await purgeRuns(client, new Date(startedAt + DAY_MS))).toBe(1);
  expect((await client.getStatusAll()).map(({ instanceId }) => instanceId).sort()).toEqual(["open", "young"]);
});

import { TableClient } from "@azure/data-tables";
import { expect, test } from "vitest";
import { startAzurite } from "../../../local/azurite.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";
import { createTableWatchStore } from "../../../shared/watches/table-watch-store.ts";
import { anIsolation } from "../../helpers/builders.ts";

test("keeps each wait of a run, and gives also those whose time was lost", async () => {
  const azurite = await startAzurite();
  try {
    const options = { allowInsecureConnection: true };
    const table = createLazyTable(TableClient.fromConnectionString(azurite.connectionString, "watches", options));
    const watches = createTableWatchStore(table, "tenant");
    const first = {
      ...{ runId: "run-1", machineActionId: anIsolation().id, event: "news-1" },
      since: "2026-01-05T09:00:00Z",
    };
    const second = { ...first, event: "news-2" };
    for (const watch of [first, second, second]) await watches.add(watch);
    await watches.remove(first);
    await table.upsert({ partitionKey: "tenant", rowKey: "z1", ...first, runId: "run-2", since: undefined });
    await table.upsert({ partitionKey: "tenant", rowKey: "z2", about: "no wait" });

    expect(await watches.all()).toEqual([second, { ...first, runId: "run-2", since: "" }]);
  } finally {
    await azurite.stop();
  }
});

import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { createTableKnownMachines } from "../../../shared/intake/known-machines.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";
import { aMachine } from "../../helpers/builders.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

test("gives what was read of a machine for five minutes, and to its own tenant alone", async () => {
  const client = TableClient.fromConnectionString(azurite.connectionString, "known", { allowInsecureConnection: true });
  let now = Date.parse("2026-01-05T09:00:00Z");
  const machines = createTableKnownMachines(createLazyTable(client), () => now);
  const machine = aMachine({ machineTags: ["vip"], rbacGroupName: "Servers" });

  expect(await machines.find("t-1", machine.id)).toBeUndefined();
  await machines.keep("t-1", machine);
  now += 299_000;
  expect(await machines.find("t-1", machine.id)).toMatchObject({ machineTags: ["vip"], rbacGroupName: "Servers" });
  expect(await machines.find("t-2", machine.id)).toBeUndefined();
  now += 1_000;
  expect(await machines.find("t-1", machine.id)).toBeUndefined();
});

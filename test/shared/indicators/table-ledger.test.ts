import { TableClient } from "@azure/data-tables";
import { expect, test } from "vitest";
import { startAzurite } from "../../../local/azurite.ts";
import type { LedgerRow } from "../../../shared/indicators/ledger.ts";
import { createTableLedger } from "../../../shared/indicators/table-ledger.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";

const row = (value: string, state: LedgerRow["state"] = "active"): LedgerRow => ({
  key: `Url|${value}`,
  state,
  since: "2026-03-02T10:00:00.000Z",
  written: {
    indicatorValue: value,
    indicatorType: "Url",
    action: "Block",
    title: "[feed] alpha",
    description: "From threat feeds: alpha.",
    severity: "High",
    generateAlert: true,
    expirationTime: "2026-04-02T10:00:00.000Z",
  },
  claims: [{ feed: "alpha", seenAt: "2026-03-02T00:00:00.000Z", missing: 0 }],
});

const byKey = (rows: LedgerRow[]) => [...rows].sort((one, other) => (one.key < other.key ? -1 : 1));

test("keeps thousands of rows of a tenant, with any character in their keys, apart from other tenants", async () => {
  const azurite = await startAzurite();
  try {
    const options = { allowInsecureConnection: true };
    const table = createLazyTable(TableClient.fromConnectionString(azurite.connectionString, "indicators", options));
    const ledger = createTableLedger(table, "tenant");
    const rows = Array.from({ length: 3_000 }, (_, at) => row(`http://evil-${at}.com/a?b=c#'"/\\ü`));
    await ledger.put([...rows, row("http://twice.com/", "writing"), row("http://twice.com/")]);
    await createTableLedger(table, "other").put([row("http://theirs.com/")]);

    const expected = byKey([...rows, row("http://twice.com/")]);
    expect(byKey(await ledger.all())).toEqual(expected);

    const gone = rows.slice(0, 250).map(({ key }) => key);
    await ledger.remove(gone);
    await ledger.remove(gone);
    expect(byKey(await ledger.all())).toEqual(expected.filter(({ key }) => !gone.includes(key)));
  } finally {
    await azurite.stop();
  }
});

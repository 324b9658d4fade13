import { expect, test } from "vitest";
import { connect } from "../../functions/connect.ts";
import { readConfig } from "../../shared/config.ts";
import { Policy } from "../../shared/policy/policy.ts";

const settings = {
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  ALERT_POLL: "only",
  DEFENDER_TENANT_ID: "00000000-0000-0000-0000-000000000001",
};

test("what grows with every alert, hour or question is forgotten some time; what must be proven later is not", () => {
  const files = {
    policy: () => Policy.parse({}),
    rules: () => [],
    channels: () => [],
    sharedPlaybooks: new Set<string>(),
  };
  const { forgotten } = connect(readConfig(settings), files);

  const tables = [...forgotten.keys()];
  expect(tables).toEqual(
    expect.arrayContaining([
      ...["alerts", "pending", "cases", "decisions", "machines"],
      ...["approvals", "exportcursors", "undo"],
    ]),
  );
  for (const kept of ["audit", "tickets", "leases", "policy"]) expect(tables).not.toContain(kept);
});

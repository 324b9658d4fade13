import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deployedHostJson } from "../../infra/package/host-json.ts";

const host = JSON.parse(readFileSync("host.json", "utf8"));

test("a package for the scheduler names the setting that the deployment sets", () => {
  const { durableTask } = deployedHostJson(host, "scheduler").extensions;
  expect(durableTask).toMatchObject({
    hubName: host.extensions.durableTask.hubName,
    storageProvider: { type: "azureManaged", connectionStringName: "DURABLE_TASK_SCHEDULER_CONNECTION_STRING" },
  });
});

test("a package for storage keeps the host.json of one machine", () => {
  expect(deployedHostJson(host, "storage")).toEqual(host);
});

import { expect, test } from "vitest";
import { readConfig } from "../../shared/config.ts";
import { parseConfig } from "../../shared/config-file.ts";
import { Policy } from "../../shared/policy/policy.ts";

const complete = {
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  AlertEventHub: "Endpoint=sb://x",
  ALERT_EVENT_HUB_NAME: "alerts",
};

test("fills in what has a sensible default", () => {
  expect(readConfig(complete)).toMatchObject({
    alerts: { consumerGroup: "$Default", maxAgeMs: 86_400_000, settleSeconds: 30 },
    defender: { apiUrl: "https://api.security.microsoft.com" },
  });
});

test("names every missing, malformed and unknown setting in one message", () => {
  const bad = { DEFENDER_API_URL: "not a url", DEFENDER_APIURL: "x", ALERT_SETTLE_SECONDS: "soon", PATH: "/bin" };

  expect(() => readConfig(bad)).toThrowError(
    expect.objectContaining({
      message: expect.stringMatching(
        /ALERT_EVENT_HUB_NAME: is not set[\s\S]*ALERT_SETTLE_SECONDS[\s\S]*DEFENDER_API_URL[\s\S]*DEFENDER_APIURL: is not a setting of this app; DEFENDER_API_URL is[\s\S]*AzureWebJobsStorage/,
      ),
    }),
  );
});

test("says in which line and column a configuration file is wrong", () => {
  expect(() => parseConfig("criticalAssets:\n  tags: [a\n", "policy.yaml", Policy)).toThrow(/^policy\.yaml:\d+:\d+: /);
  expect(() => parseConfig("criticalAssets:\n  tags:\n    - 5\n", "policy.yaml", Policy)).toThrow(
    /^policy\.yaml:3:7: criticalAssets\.tags\.0/,
  );
  expect(() => parseConfig("criticalAsets: {}\n", "policy.yaml", Policy)).toThrow(/criticalAsets/);
});

test("takes the settings of a managed identity, and a blank setting as one that is not set", () => {
  const config = readConfig({
    AlertEventHub__fullyQualifiedNamespace: "contoso.servicebus.windows.net",
    AlertEventHub__credential: "managedidentity",
    AlertEventHub__clientId: "6f2d1c34-58be-4b0e-a4d9-3c1f7e9b2a55",
    AzureWebJobsStorage__blobServiceUri: "https://contoso.blob.core.windows.net",
    AzureWebJobsStorage__tableServiceUri: "https://contoso.table.core.windows.net",
    ALERT_EVENT_HUB_NAME: "alerts",
    ALERT_MAX_AGE_HOURS: "",
  });

  expect(config).toMatchObject({
    storage: { blobUrl: "https://contoso.blob.core.windows.net", tableUrl: "https://contoso.table.core.windows.net" },
    alerts: { maxAgeMs: 86_400_000 },
  });
});

test("refuses a device name where the policy lists machine ids, as it would never match", () => {
  const byName = "criticalAssets:\n  machineIds: [dc-01.contoso.example]\n";

  expect(() => parseConfig(byName, "policy.yaml", Policy)).toThrow(/a machine id is 40/);
});

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

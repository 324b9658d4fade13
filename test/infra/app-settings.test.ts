import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { committedResources, committedText } from "../../infra/check/committed.ts";
import { ofType } from "../../infra/check/resources.ts";
import { settingsOfTemplate } from "../../infra/check/template-settings.ts";
import { LEFT_OUT } from "../../infra/settings-left-out.ts";
import { SETTING_NAMES } from "../../shared/config.ts";

/** Read by the Functions host and its extensions, not by the app. */
const OF_THE_HOST = [
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "AlertEventHub__clientId",
  "AlertEventHub__credential",
  "AzureWebJobsStorage__clientId",
  "AzureWebJobsStorage__credential",
  "AzureWebJobsStorage__queueServiceUri",
  "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
];

const { set, choices, secrets } = settingsOfTemplate(committedText("main.json"));

test("every setting the app reads is set, offered, a reference to the vault, or left out for a reason", () => {
  const covered = [...set, ...choices, ...secrets, ...Object.keys(LEFT_OUT)];
  const missing = SETTING_NAMES.filter((name) => !covered.includes(name));
  const advice =
    "Add each to `choices` (or, with a secret in it, to `fromVault`) in infra/settings.bicep, or to " +
    "infra/settings-left-out.ts; then run npm run infra:check -- --write.";
  expect(missing, advice).toEqual([]);
});

test("no setting is set or offered that nobody reads", () => {
  const read = [...SETTING_NAMES, ...OF_THE_HOST];
  expect([...set, ...choices, ...secrets, ...Object.keys(LEFT_OUT)].filter((name) => !read.includes(name))).toEqual([]);
  expect(OF_THE_HOST.filter((name) => !set.includes(name))).toEqual([]);
});

test("what is left out is not set after all, and a secret is never offered as a value", () => {
  expect([...set, ...choices, ...secrets].filter((name) => name in LEFT_OUT)).toEqual([]);
  expect([...set, ...choices].filter((name) => /SECRET|PASSWORD|_KEY$|TOKEN$/.test(name))).toEqual([]);
});

test("a setting with a secret is a reference to the vault", () => {
  const [config] = ofType(committedResources("storage-backend"), "Microsoft.Web/sites/config");
  for (const name of [...secrets, "NOTIFY_TEAMS_SOC_URL"]) {
    expect(config?.properties).toContain(`'${name}', format('@Microsoft.KeyVault(SecretUri=`);
  }
});

test("no setting is set that Flex Consumption refuses", () => {
  const refused = /^(FUNCTIONS_|WEBSITE_|SCM_|ENABLE_ORYX|AzureWebJobsDashboard|TZ$)/;
  expect([...set, ...choices, ...secrets].filter((name) => refused.test(name))).toEqual([]);
});

test("every table and container the app keeps is made before it starts", () => {
  const connect = readFileSync("functions/connect.ts", "utf8");
  const locker = readFileSync("shared/evidence/locker.ts", "utf8");
  const named = (text: string, verb: string) =>
    [...text.matchAll(new RegExp(`\\b${verb}\\("([\\w-]+)"\\)`, "g"))].map(([, name = ""]) => name).sort();
  const made = (type: string) =>
    ofType(committedResources("prod"), `Microsoft.Storage/storageAccounts/${type}`).map(({ name }) =>
      name.split("/").at(-1),
    );
  expect(made("tableServices/tables").sort()).toEqual(named(connect, "tableOf"));
  const containers = [...named(connect, "containerOf"), ...named(locker, "containerOf"), "packages"];
  expect(made("blobServices/containers").sort()).toEqual(containers.sort());
});

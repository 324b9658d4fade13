import { expect, test } from "vitest";
import { readAlertFile } from "../../../local/rules/read-alert-file.ts";
import { ALERT_ID, anAlert, MACHINE_ID } from "../../helpers/builders.ts";
import { recordedLines } from "../../helpers/stream.ts";

const alertsIn = (text: string) => {
  const { alerts, rejected } = readAlertFile(text, "alerts.json");
  expect(rejected).toEqual([]);
  return alerts.map(({ alertId, severity, machineIds }) => ({ alertId, severity, machineIds }));
};

const api = { ...anAlert(), aadTenantId: "t-1" };
const expected = [{ alertId: ALERT_ID, severity: "High", machineIds: [MACHINE_ID] }];

test.each([
  ["an answer of the alerts API", JSON.stringify({ "@odata.context": "…", value: [api] }, null, 2)],
  ["a list of its alerts", JSON.stringify([api])],
  ["one of its alerts", JSON.stringify(api, null, 2)],
  ["its alerts, one per line", `${JSON.stringify(api)}\n${JSON.stringify(api)}\n`],
])("reads %s", (_, text) => {
  expect(alertsIn(text)).toEqual(expected);
});

test("reads streamed records, however they are put together", () => {
  const lines = recordedLines("one-alert");
  const [whole] = [alertsIn(lines.join("\n"))];

  expect(whole).toHaveLength(1);
  expect(alertsIn(`${lines.join("\r\n")}\r\n`)).toEqual(whole);
  expect(alertsIn(`{"records":[${lines.join()}]}`)).toEqual(whole);
  expect(alertsIn(`[${lines.join()}]`)).toEqual(whole);
  expect(alertsIn(lines.map((line) => `{"records":[${line}]}`).join("\n"))).toEqual(whole);
});

test("names what cannot be used with its line, and uses the rest", () => {
  const [line = ""] = recordedLines("one-alert");
  const { alerts, rejected } = readAlertFile(`${line}\n{"half":\n{"id":"no alert id!"}\n`, "alerts.ndjson");

  expect(alerts).toHaveLength(1);
  expect(rejected).toEqual([
    "alerts.ndjson:2: The message is not JSON",
    "alerts.ndjson:3: Alert 0: alertId: an alert id has letters, digits, - and _ only",
  ]);
});

import { expect, test } from "vitest";
import { describePlaybooks, permissionsOf, withShownFiles, writtenPage } from "../../docs/generate-playbooks.ts";
import { activities } from "../../functions/activities/index.ts";
import { startInvestigation } from "../../functions/activities/start-investigation.ts";
import { blockNetworkIndicator } from "../../functions/playbooks/block-network-indicator.ts";
import { runbooks } from "../../functions/playbooks/index.ts";

test("docs/playbooks.md tells what the code declares", () => {
  expect(writtenPage("playbooks.md"), "the declarations have changed: run `npm run docs`").toBe(describePlaybooks());
});

test("docs/write-your-own.md shows the files as they are", () => {
  const page = writtenPage("write-your-own.md");
  expect(page, "the files have changed: run `npm run docs`").toBe(withShownFiles(page));
  expect(page).toContain("export const watchDevice = defineRunbook({");
  expect(page).toContain('test("tags the device, scans it, and says so"');
});

test.each(runbooks)("every parameter of $name has a word about it", (runbook) => {
  const rows = describePlaybooks().split(`\n## ${runbook.name}\n`)[1]?.split("\n## ")[0] ?? "";
  expect(rows).toContain("| Parameter | Type | Meaning |");
  expect(rows).not.toMatch(/undefined|\[object|\|\s+\|$/m);
});

test.each(runbooks)("$name uses activities that the app has", ({ uses }) => {
  expect(uses.filter((activity) => !activities.includes(activity))).toEqual([]);
});

test("the permissions of a runbook are those of its calls, and of the gate where it acts on machines", () => {
  expect(permissionsOf(blockNetworkIndicator)).toEqual(["Alert.ReadWrite.All", "Ti.ReadWrite.All"]);
  expect(permissionsOf({ ...blockNetworkIndicator, uses: [startInvestigation] })).toEqual([
    "Alert.ReadWrite.All",
    "Machine.ReadWrite.All",
  ]);
});

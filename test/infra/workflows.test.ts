import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const workflows = globSync(".github/workflows/*.yml").map((file) => {
  const text = readFileSync(file, "utf8");
  return { file, text, content: parse(text) };
});
const stepsOf = ({ content }: (typeof workflows)[number]): { uses?: string }[] =>
  Object.values<{ steps?: { uses?: string }[] }>(content.jobs).flatMap(({ steps = [] }) => steps);

test("every action has a version", () => {
  const used = workflows.flatMap(stepsOf).flatMap(({ uses }) => uses ?? []);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => !/@(v\d+(\.\d+)*|[0-9a-f]{40})$/.test(name))).toEqual([]);
});

test("no workflow has a secret, or more rights than it names", () => {
  for (const { file, text, content } of workflows) {
    expect(content.permissions, file).toEqual({ contents: "read" });
    expect(text, file).not.toMatch(/secrets\.|publish-profile|creds:/);
  }
});

test("a pull request of a stranger never signs in to Azure", () => {
  const deploy = workflows.find(({ file }) => file.endsWith("deploy.yml"));
  expect(deploy?.content.jobs["what-if"].if).toContain("!github.event.pull_request.head.repo.fork");
  expect(workflows.map(({ text }) => text).join()).not.toContain("pull_request_target");
});

test("azd finds the app by its tag, and deploys what was packaged", () => {
  const azure = parse(readFileSync("azure.yaml", "utf8"));
  expect(Object.keys(azure.services)).toEqual(["api"]);
  expect(readFileSync("infra/main.json", "utf8")).toContain("createObject('azd-service-name', 'api')");
  expect(azure.workflows.up.steps[1].azd).toContain(".local/package/app.zip");
  expect(readFileSync(".funcignore", "utf8")).not.toMatch(/^node_modules\/?$/m);
});

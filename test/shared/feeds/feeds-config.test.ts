import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { configFolderOf } from "../../../shared/config-file.ts";
import { readFeeds } from "../../../shared/feeds/feeds-config.ts";
import { createFilter } from "../../../shared/indicators/filter.ts";

const folder = mkdtempSync(join(tmpdir(), "feeds-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(...lines: string[]) {
  writeFileSync(join(folder, "feeds.yaml"), lines.join("\n"));
  return readFeeds(folder);
}

function problemsOf(...lines: string[]): string[] {
  try {
    read(...lines);
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.replace(/^.*feeds\.yaml:/, ""));
  }
  return [];
}

test("the feeds that come with the app can be used, and are off", () => {
  const { settings } = readFeeds(configFolderOf(import.meta.dirname));
  expect(settings.enabled).toBe(false);
  expect(settings.feeds.map(({ stage }) => stage)).toEqual(["monitor", "monitor"]);
});

test("a new feed is on probation, takes no MD5, and withdraws nothing by silence", () => {
  const lines = ["feeds:", "  - name: intel", "    kind: misp", "    url: https://misp.example"];
  expect(read(...lines).settings.feeds).toMatchObject([
    {
      stage: "monitor",
      holds: "recent",
      mostAction: "Block",
      types: ["FileSha256", "FileSha1", "IpAddress", "DomainName", "Url"],
    },
  ]);
});

test("every problem is named, each at its place", () => {
  const problems = problemsOf(
    "enabled: true",
    "reserve: -1",
    "allow:",
    "  - value: not a domain",
    "    owner: me",
    "    reason: x",
    "feeds:",
    "  - name: one",
    "    kind: misp",
    "    mostAction: Allowed",
    "  - name: two",
    "    kind: taxy",
  );
  expect(problems.map((problem) => problem.replace(/: .*/, "").trim())).toEqual(["2:1", "4:5", "10:5", "12:5"]);
  expect(problems[1]).toContain("is no domain, address, range, URL or hash");
});

test("two feeds of one name, and an enabled sync without its app, are refused", () => {
  const problems = problemsOf(
    "enabled: true",
    "feeds:",
    "  - {name: one, kind: list}",
    "  - {name: one, kind: otx, layout: {}}",
  );
  expect(problems.join("\n")).toMatch(/appId: is needed/);
  expect(problems.join("\n")).toMatch(/another feed is named "one" too/);
  expect(problems.join("\n")).toMatch(/layout: is for lists and tables, not for otx/);
  expect(problems.join("\n")).toMatch(/url: is needed, as list is not in one place/);
});

test("a warning list is used as the settings say", () => {
  writeFileSync(
    join(folder, "popular.json"),
    JSON.stringify({ name: "popular", type: "hostname", list: ["shop.com"] }),
  );
  const { settings, warningLists } = read("warningLists:", "  - {file: popular.json, subdomains: false, urls: false}");
  const filter = createFilter({ allow: settings.allow, warningLists }, new Date("2026-03-02T10:00:00Z"));
  const reasonOf = (type: "DomainName" | "Url", value: string, host = value) => filter({ type, value, host })?.reason;
  expect([
    reasonOf("DomainName", "shop.com"),
    reasonOf("DomainName", "evil.shop.com"),
    reasonOf("Url", "http://shop.com/evil", "shop.com"),
    reasonOf("Url", "http://shop.com", "shop.com"),
  ]).toEqual(["warning-list", undefined, undefined, "warning-list"]);
  expect(() => read("warningLists:", "  - file: gone.json")).toThrow("gone.json cannot be read");
});

test("an entry of the allow-list ends with its day", () => {
  const { settings } = read("allow:", "  - {value: partner.com, owner: ana, reason: test, expires: 2026-03-02}");
  const reasonAt = (now: string) =>
    createFilter(
      { allow: settings.allow, warningLists: [] },
      new Date(now),
    )({ type: "DomainName", value: "www.partner.com" })?.reason;
  expect([reasonAt("2026-03-02T23:59:00Z"), reasonAt("2026-03-03T00:00:00Z")]).toEqual(["allow-listed", undefined]);
});

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { configFolderOf } from "../../../shared/config-file.ts";
import { liveChannels } from "../../../shared/notifications/read-notifications.ts";

const around = { settingOf: () => undefined, takesSlackAnswers: false };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-notifications-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const write = (text: string) => writeFileSync(join(folder, "notifications.yaml"), text);
const read = () => liveChannels(folder, around, () => undefined)();
const GOOD =
  "channels:\n  - { name: soc, kind: teams, setting: NOTIFY_URL, events: [containment], minSeverity: Medium }\n";

test("the file that comes with the app has no channels, and a folder without one has none either", () => {
  expect(liveChannels(configFolderOf(import.meta.dirname), around, () => undefined)()).toEqual([]);
  expect(read()).toEqual([]);
});

test("a channel is told of the events it wants, of no milder ones, and of those without a severity", () => {
  write(GOOD);
  const [soc] = read();

  expect(soc?.wants({ event: "containment", severity: "High" })).toBe(true);
  expect(soc?.wants({ event: "containment", severity: "Low" })).toBe(false);
  expect(soc?.wants({ event: "containment" })).toBe(true);
  expect(soc?.wants({ event: "question" })).toBe(false);
});

test.each([
  ["a kind that is not known", "{ name: a, kind: pager, setting: NOTIFY_URL }", "kind"],
  ["an event that is not known", "{ name: a, kind: teams, setting: NOTIFY_URL, events: [lunch] }", "events"],
  ["a key that is not known", "{ name: a, kind: teams, setting: NOTIFY_URL, url: x }", "url: there is no such key"],
  ["the address itself", "{ name: a, kind: teams, setting: 'https://prod.example/x' }", "NOTIFY_ and capitals"],
  ["a setting of the app itself", "{ name: a, kind: teams, setting: AZURE_CLIENT_SECRET }", "NOTIFY_ and capitals"],
  ["a setting of the host", "{ name: a, kind: slack, setting: IDENTITY_HEADER, channel: C01 }", "NOTIFY_ and capitals"],
  ["no secret to sign with", "{ name: a, kind: webhook, setting: NOTIFY_URL }", "secretSetting: is missing"],
  [
    "a recipient that is none",
    "{ name: a, kind: mail, host: h, from: a@b.example, to: ['a@b.example, c@d.example'] }",
    "to.0",
  ],
  ["a host that is none", "{ name: a, kind: mail, host: 'h/x', from: a@b.example, to: [a@b.example] }", "host"],
  [
    "a user without a password",
    "{ name: a, kind: mail, host: h, user: u, from: a@b.example, to: [a@b.example] }",
    "go together",
  ],
  [
    "a personal channel to several",
    "{ name: a, kind: mail, host: h, from: a@b.example, to: [a@b.example, c@d.example], personal: true }",
    "one recipient",
  ],
  [
    "a personal webhook",
    "{ name: a, kind: webhook, setting: NOTIFY_URL, secretSetting: NOTIFY_S, personal: true }",
    "personal",
  ],
])("a file with %s is refused whole, by line and column", (_, channel, words) => {
  write(`channels:\n  - { name: good, kind: teams, setting: NOTIFY_URL }\n  - ${channel}\n`);

  expect(read).toThrow(words);
  expect(read).toThrow(/notifications\.yaml:3:\d+: /);
});

test("two channels of one name are refused", () => {
  write(
    "channels:\n  - { name: a, kind: teams, setting: NOTIFY_A }\n  - { name: a, kind: teams, setting: NOTIFY_B }\n",
  );

  expect(read).toThrow("notifications.yaml:3:7: channels.1.name: there are two channels named a");
});

test("a change is in force within seconds; while the file is broken, the channels before it stay", () => {
  vi.useFakeTimers();
  write(GOOD);
  const problems: string[] = [];
  const channels = liveChannels(folder, around, ({ message }) => problems.push(message));
  const namesAfter = (text: string) => {
    write(text);
    utimesSync(join(folder, "notifications.yaml"), new Date(), new Date(Date.now() + 1000));
    vi.advanceTimersByTime(3_000);
    return channels().map(({ name }) => name);
  };

  expect(namesAfter("channels: [")).toEqual(["soc"]);
  expect(problems).toEqual([expect.stringMatching(/notifications\.yaml:\d+:\d+: /)]);
  expect(namesAfter(GOOD.replace("soc", "night"))).toEqual(["night"]);
});

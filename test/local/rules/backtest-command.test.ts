import { afterAll, describe, expect, test } from "vitest";
import { backtestCommand } from "../../../local/rules/backtest-command.ts";
import { aMachine, anAlert, MACHINE_ID } from "../../helpers/builders.ts";
import { simulatedDefender } from "../../helpers/defender.ts";
import { aFolder, tell } from "./command.ts";

const folder = aFolder();
afterAll(() => folder.remove());

const rulesFile = (name: string, rule: string) =>
  folder.write(name, `rules:\n  - {name: ${name}, playbook: contain-device, ${rule}}\n`);
const high = rulesFile("high", "when: {severity: High}");
const medium = rulesFile("medium", "when: {severity: [Medium, High]}, mode: shadow");
const policy = folder.write("policy.yaml", "criticalAssets: {tags: [finance]}\n");
const alerts = folder.write("alerts.json", {
  value: [
    anAlert({ aadTenantId: "t-1", alertCreationTime: "2026-01-05T09:00:00.1234567Z" }),
    anAlert({ id: "da2", aadTenantId: "t-1", severity: "Medium", alertCreationTime: "2026-01-05T10:00:00Z" }),
  ],
});
const machine = folder.write("machine.json", aMachine());

const told = (...args: string[]) => tell((all, screen) => backtestCommand(all, screen), args);

test("shows alert by alert and in total what would have been done", async () => {
  const { code, out } = await told(alerts, "--rules", high, "--policy", policy, "--machine", machine);

  expect(code).toBe(0);
  expect(out).toMatch(
    /2026-01-05T09:00:00 {2}Hands-on keyboard attack {2}fin-laptop-07\.contoso\.example {2}contain-device by high .*deny: .*critical asset/,
  );
  expect(out).toMatch(/2026-01-05T10:00:00 .*nothing: no automation rule matches: high \(severity is Medi…/);
  expect(out).toContain("2 alerts on 1 device\n");
  expect(out).toMatch(/^high +1 +1 +0 +1$/m);
});

test("shows where other rules would have done something else", async () => {
  const { out } = await told(alerts, "--rules", high, "--against", medium);

  expect(out).toContain("2 differ:");
  expect(out).toMatch(/contain-device by high +contain-device \(shadow\) by medium/);
  expect((await told(alerts, "--rules", high, "--against", high)).out).toContain("would have done the same");
});

test("gives all of it as JSON", async () => {
  const { out } = await told(alerts, "--rules", high, "--against", medium, "--json");

  expect(JSON.parse(out)).toMatchObject({
    rows: [
      { outcome: "starts", machineId: MACHINE_ID },
      { alertId: "da2", outcome: "nothing" },
    ],
    totals: { alerts: 2, byOutcome: { starts: 1, nothing: 1 } },
    differences: [{ now: [{ mode: "act" }] }, { alertId: "da2" }],
    rejected: [],
  });
});

describe("reads from Defender", () => {
  test("the alerts created in a time, and the machines that count", async () => {
    await using defender = await simulatedDefender();
    await defender.simulator.addMachines([
      { id: MACHINE_ID, computerDnsName: "srv-01", osPlatform: "WindowsServer2022" },
    ]);
    const created = (id: string, day: string) => ({
      id,
      machineId: MACHINE_ID,
      severity: "High",
      alertCreationTime: day,
    });
    await defender.simulator.addAlerts([
      created("da1", "2026-01-04T23:59:59Z"),
      created("da2", "2026-01-05T00:00:00Z"),
      created("da3", "2026-01-06T00:00:00Z"),
    ]);
    const servers = rulesFile("servers", "when: {os: WindowsServer*}");
    const connect = async () => ({ defender: defender.defender, tenantId: "t-1" });
    const { out } = await tell(
      (all, screen) => backtestCommand(all, screen, connect),
      ["--from", "2026-01-05", "--to", "2026-01-06", "--rules", servers, "--json"],
    );

    expect(JSON.parse(out).rows).toMatchObject([{ alertId: "da2", outcome: "starts", policy: { verdict: "allow" } }]);
  });

  test("only a whole time", async () => {
    const connect = () => Promise.reject(new Error("not reached"));
    const said = (...args: string[]) => tell((all, screen) => backtestCommand(all, screen, connect), args);

    await expect(said("--from", "2026-01-05")).rejects.toThrow("--from T --to T");
    await expect(said("--from", "2026-01-05", "--to", "2026-01-05")).rejects.toThrow("--from must be before --to.");
  });
});

test("names what is missing", async () => {
  await expect(told()).rejects.toThrow("Name files with alerts");
  await expect(told(alerts, "--policy", high)).rejects.toThrow("there is no such key");
  expect((await told("--help")).out).toContain("Usage: npm run backtest");
});

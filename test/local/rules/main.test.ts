import { afterAll, describe, expect, test } from "vitest";
import { rulesCommand } from "../../../local/rules/rules-command.ts";
import { ALERT_ID, aMachine, anAlert, MACHINE_ID } from "../../helpers/builders.ts";
import { aFolder, run, tell } from "./command.ts";

const folder = aFolder();
afterAll(() => folder.remove());

const rules = folder.write(
  "rules.yaml",
  `rules:
  - name: servers at night
    when:
      severity: High
      os: WindowsServer*
      timeOfDay: { from: "20:00", to: "06:00" }
    playbook: contain-device
    mode: ask
  - name: high
    when: { severity: High }
    playbook: contain-device
`,
);
const alerts = folder.write("alerts.json", { value: [anAlert({ aadTenantId: "t-1" })] });
const rulesTold = (...args: string[]) => tell(rulesCommand, args);
const explain = (...args: string[]) => rulesTold("explain", alerts, "--rules", rules, ...args);

describe("explain", () => {
  test("shows for each rule whether it matches and why not, and what comes of it", async () => {
    const machine = folder.write("machine.json", aMachine({ osPlatform: "WindowsServer2022" }));
    const { code, out } = await explain("--machine", machine, "--at", "2026-01-05T12:00:00Z");

    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toEqual([
      `Hands-on keyboard attack (${ALERT_ID}) on fin-laptop-07.contoso.example`,
      "rule                        because",
      `----------------  --------  ${"-".repeat(50)}`,
      "servers at night  no match  it is Monday 12:00 (UTC), not 20:00 to 06:00 (UTC)",
      "high              matched   severity is High",
      "→ contain-device starts",
    ]);
  });

  test("says what has to be known first", async () => {
    const { out } = await explain("--at", "2026-01-05T21:00:00Z");

    expect(out).toContain("servers at night  unknown      the machine has not been read");
    expect(out).toContain("nothing can be said yet: the machine has not been read");
  });

  test("gives the same as JSON", async () => {
    const machine = folder.write("machines.json", { value: [aMachine({ osPlatform: "WindowsServer2022" })] });
    const { out } = await explain("--machine", machine, "--at", "2026-01-05T21:00:00Z", "--json");

    expect(JSON.parse(out)).toMatchObject({
      alertId: ALERT_ID,
      machineId: MACHINE_ID,
      decision: { verdict: "matched", actions: [{ rule: "servers at night", mode: "ask" }] },
      rules: [{ verdict: "matched" }, { rule: "high", verdict: "not-reached" }],
    });
  });

  test("reads what is piped in, with the rules of the app", async () => {
    const { code, out } = await run("main.ts", ["explain", "-"], JSON.stringify(anAlert({ severity: "Low" })));

    expect(code).toBe(0);
    expect(out).toContain("severity is Low, not High");
    expect(out).toContain("nothing starts");
  });

  test("goes on where something cannot be used, and says so with exit code 1", async () => {
    const mixed = folder.write("mixed.ndjson", `${JSON.stringify(anAlert())}\nnonsense\n`);
    const { code, out, error } = await rulesTold("explain", mixed);

    expect(code).toBe(1);
    expect(out).toContain("matched");
    expect(error).toContain("mixed.ndjson:2: The message is not JSON");
  });
});

describe("check", () => {
  test("says that rules can be used", async () => {
    expect(await rulesTold("check")).toMatchObject({ code: 0, out: expect.stringContaining("can be used") });
    expect(await rulesTold("check", rules)).toMatchObject({ code: 0, out: `${rules}: 2 rules can be used\n` });
  });

  test("names every problem with file, line and column", async () => {
    const broken = folder.write(
      "broken.yaml",
      "rules:\n  - name: a\n    when: {severity: Hihg}\n    playbook: contain-device\n  - name: b\n    when: {titel: x}\n",
    );
    await expect(rulesTold("check", broken)).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /broken\.yaml:3:12: rules\.0\.when\.severity: .*\n.*:5:5: rules\.1\.playbook: is missing\n.*:6:12: rules\.1\.when\.titel: there is no such key$/,
        ),
      }),
    );
  });
});

test.each([
  [[], "Say explain or check"],
  [["explain"], "Name a file with alerts"],
  [["explain", alerts, alerts], "One file at a time"],
  [["explain", alerts, "--at", "noon"], "--at noon is not a time"],
  [["explain", alerts, "--nonsense"], "--nonsense"],
  [["explain", "/nowhere.json"], "/nowhere.json cannot be read."],
  [["explain", alerts, "--machine", alerts], "holds no machines"],
  [["explain", folder.write("empty.ndjson", "\n")], "empty.ndjson holds no alerts."],
])("%j is refused with one sentence", async (args, sentence) => {
  await expect(rulesTold(...args)).rejects.toThrow(sentence);
});

test("what cannot be done ends with that sentence alone and exit code 1", async () => {
  const { code, out, error } = await run("main.ts", ["check", "/nowhere.yaml"]);

  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(error).toMatch(/^\/nowhere\.yaml cannot be read\. .*\n$/);
});

test("tells how it is used", async () => {
  expect(await rulesTold("--help")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Usage: npm run rules"),
  });
});

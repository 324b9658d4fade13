import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { AlertFacts, mergeFacts } from "../../../shared/intake/alert-facts.ts";
import { normalForm } from "../../../shared/intake/normal-form.ts";
import { readAlerts } from "../../../shared/intake/read-alerts.ts";
import { anAlertEvidence, anAlertInfo } from "../../helpers/stream.ts";

const machineIds = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(40));
const oneOf = (...texts: (string | undefined)[]) => fc.constantFrom(...texts);
const someMachines = fc.subarray(machineIds, { maxLength: 3 });

/** What a source may say of one of two alerts. */
const facts = fc
  .record({
    tenantId: oneOf("t-1", "T-1") as fc.Arbitrary<string>,
    alertId: oneOf("da1_1", "da2_2") as fc.Arbitrary<string>,
    title: oneOf(undefined, "", "Ransomware", "Ransom-note", "A longer title"),
    severity: oneOf(undefined, "high", "Low", "Informational", "Critical", "UnSpecified", "zzz"),
    categories: fc.array(fc.oneof(fc.integer({ min: 0, max: 90 }).map(String), fc.string()), { maxLength: 40 }),
    serviceSource: oneOf(undefined, "microsoftDefenderForEndpoint", "Microsoft Sentinel", "new"),
    detectionSource: oneOf(undefined, "EDR", "WindowsDefenderAv", "new"),
    techniques: fc.array(oneOf("T1059", "PowerShell (T1059.001)", "none"), { maxLength: 3 }),
    users: fc.array(fc.record({ upn: oneOf(undefined, "a@b"), domain: oneOf("D", ""), account: oneOf("a", "b") })),
    incidentId: oneOf(undefined, "9", "10"),
    impactedMachineIds: someMachines,
    named: someMachines,
    relatedMachineIds: someMachines,
    publishedAt: oneOf(
      undefined,
      "2026-01-13T09:40:52.1533495Z",
      "2026-01-13T09:40:52.1533496Z",
      "2026-01-13T09:40:52.153",
      "2026-01-13T10:40:52.153+01:00",
      "some time",
    ),
  })
  .map(({ named, ...said }) => normalForm({ ...said, machineIds: [...said.impactedMachineIds, ...named] }));

/** Written out, so that the order of keys counts as well: stores compare texts. */
const written = (all: readonly AlertFacts[]) =>
  mergeFacts(all)
    .map((one) => JSON.stringify(one))
    .sort();

describe("putting facts together", () => {
  test("gives the same in any order and however they were put together before", () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), fc.array(facts, { maxLength: 8 }), (some, others) => {
        const whole = written([...some, ...others]);
        expect(written([...others, ...some].reverse())).toEqual(whole);
        expect(written([...mergeFacts(some), ...others])).toEqual(whole);
        expect(written([...some, ...mergeFacts(others)])).toEqual(whole);
      }),
    );
  });

  test("gives the same in any order, however many machines there are, and never has one hit that is related alone", () => {
    const fleet = Array.from({ length: 1_600 }, (_, index) => MachineId.parse(index.toString(16).padStart(40, "0")));
    const part = fc.tuple(fc.nat(1_599), fc.nat(700)).map(([from, count]) => fleet.slice(from, from + count));
    const said = fc
      .record({ machineIds: part, impactedMachineIds: part, relatedMachineIds: part })
      .map((machines) => normalForm({ tenantId: "t-1", alertId: "da1_1", ...machines }));
    fc.assert(
      fc.property(fc.array(said, { minLength: 2, maxLength: 6 }), fc.nat(5), (one, cut) => {
        const [some, others] = [one.slice(0, cut), one.slice(cut)];
        const whole = written(one);
        expect(written(one.toReversed())).toEqual(whole);
        expect(written([...mergeFacts(others), ...mergeFacts(some)])).toEqual(whole);

        const related = new Set(one.flatMap((facts) => facts.relatedMachineIds));
        const impacted = new Set(one.flatMap((facts) => facts.impactedMachineIds));
        const [merged] = mergeFacts(one);
        expect(merged?.machineIds.filter((id) => related.has(id) && !impacted.has(id))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("changes nothing when the same is said again", () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 8 }), (some) => {
        expect(written([...mergeFacts(some), ...some])).toEqual(written(some));
      }),
    );
  });

  test("stays within the form that is stored, and never has a machine hit that is related and not impacted", () => {
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 20 }), (some) => {
        for (const one of mergeFacts(some)) {
          expect(AlertFacts.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
          const spared = one.relatedMachineIds.filter((id) => !one.impactedMachineIds.includes(id));
          expect(one.machineIds.filter((id) => spared.includes(id))).toEqual([]);
        }
      }),
    );
  });

  test("keeps the higher severity, the fuller title, the younger incident and the later time", () => {
    const said = (changes: object) => normalForm({ tenantId: "t-1", alertId: "da1_1", ...changes });
    const older = said({ severity: "High", title: "Malware", incidentId: 9, publishedAt: "2026-01-05T10:00:00+02:00" });
    const newer = said({
      severity: "Low",
      title: "Malware on 2 devices",
      incidentId: 10,
      publishedAt: "2026-01-05T09:00:00",
    });

    expect(mergeFacts([older, newer])).toMatchObject([
      { severity: "High", title: "Malware on 2 devices", incidentId: "10", publishedAt: "2026-01-05T09:00:00" },
    ]);
  });
});

interface Arrival {
  order: string[];
  again: string[];
  cuts: number[];
  wrapping: (part: readonly string[]) => string;
}

/** Streams records in any order, in any messages, some of them twice. */
const arrivalOf = (lines: readonly string[]): fc.Arbitrary<Arrival> =>
  fc.record({
    order: fc.shuffledSubarray([...lines], { minLength: lines.length }),
    again: fc.subarray([...lines]),
    cuts: fc.array(fc.nat(), { minLength: lines.length * 2, maxLength: lines.length * 2 }),
    wrapping: fc.constantFrom<Arrival["wrapping"]>(
      (part) => `{"records":[${part.join()}]}`,
      (part) => `[${part.join()}]`,
      (part) => JSON.stringify({ records: part }),
    ),
  });

function messagesOf({ order, again, cuts, wrapping }: Arrival): string[] {
  const messages: string[][] = [[]];
  for (const [index, line] of [...order, ...again].entries()) {
    if ((cuts[index] ?? 0) % 3 === 0) messages.push([]);
    messages.at(-1)?.push(line);
  }
  return messages.filter((part) => part.length > 0).map(wrapping);
}

/** In one batch, and in one per message, as the app puts them together over time. */
function bothWays(messages: readonly string[]): [AlertFacts[], AlertFacts[]] {
  const atOnce = readAlerts(messages, { sources: [] }).alerts;
  let inTurn: AlertFacts[] = [];
  for (const message of messages) {
    inTurn = mergeFacts([...inTurn, ...readAlerts([message], { sources: [] }).alerts]);
  }
  return [atOnce, inTurn];
}

function expectOneAlert(lines: readonly string[], expected: AlertFacts | undefined): void {
  expect(expected).toBeDefined();
  fc.assert(
    fc.property(arrivalOf(lines), (arrival) => {
      const [atOnce, inTurn] = bothWays(messagesOf(arrival));
      expect(atOnce).toEqual([expected]);
      expect(inTurn).toEqual([expected]);
    }),
    { numRuns: 200 },
  );
}

test("an alert in pieces that do not agree is the same alert in any order", () => {
  const pieces = [
    anAlertInfo({ severity: "Low", title: "Suspicious file" }),
    anAlertEvidence({ severity: "High", title: "Suspicious PowerShell command line on two machines" }),
    anAlertEvidence({ machineId: "ab".repeat(20), role: "Related" }),
    anAlertEvidence({ entityType: "Process", machineId: "ab".repeat(20), role: "Impacted" }),
    anAlertEvidence({ entityType: "User", techniques: ["PowerShell (T1059.001)"] }),
  ].map((record) => JSON.stringify(record));
  const [expected] = readAlerts([`[${pieces.join()}]`], { sources: [] }).alerts;

  expect(expected).toMatchObject({ severity: "High", title: "Suspicious PowerShell command line on two machines" });
  expectOneAlert(pieces, expected);
});

const corpus = fileURLToPath(new URL("../../../../shared/fixtures/streaming/", import.meta.url));
const linesOf = (name: string) => readFileSync(`${corpus}${name}`, "utf8").trimEnd().split("\n");

describe.skipIf(!existsSync(corpus))("records of real tenants", () => {
  test("are each counted by what they are about, or dead-lettered with a reason", () => {
    const files = readdirSync(corpus).filter((name) => /\.(?:ndjson|log|json)$/.test(name));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) {
      const messages = name.endsWith(".json") ? [readFileSync(`${corpus}${name}`, "utf8")] : linesOf(name);
      const { counts, rejected } = readAlerts(messages, { sources: messages.map((_, index) => `${name}/${index}`) });
      const read = Object.values(counts.classes).reduce((total, count) => total + count, 0);
      const letters = rejected.filter(
        ({ reasons, body, source }) => reasons.length > 0 && body && source.startsWith(name),
      );
      expect([name, read + letters.length]).toEqual([name, messages.length]);
      expect(counts.unknown).toBe(0);
    }
  });

  test("that make up an alert about an identity are one alert in any order", () => {
    const lines = linesOf("graph2otel-live.ndjson").slice(0, 3);
    expectOneAlert(lines, {
      tenantId: "0f0e0d0c-0b0a-4000-8000-000000000001",
      alertId: "ad6450625369250ba3fc4b5752f34f474ec80b20ae" as AlertFacts["alertId"],
      title: "Malicious IP address",
      severity: "High",
      categories: ["InitialAccess"],
      serviceSource: "AAD Identity Protection",
      detectionSource: "AAD Identity Protection",
      techniques: [],
      users: ["risk-synth-delete-me@example.com"],
      machineIds: [],
      impactedMachineIds: [],
      relatedMachineIds: [],
      namedMachineIds: [],
      publishedAt: "2026-07-18T14:04:13.9530854Z",
    });
  });

  test("that make up an alert about a machine are one alert in any order, once its id has the right length", () => {
    const lines = linesOf("sekoia-m365-defender.ndjson")
      .slice(4, 8)
      .map((line) => line.replaceAll("1".repeat(44), "1".repeat(40)));
    const machine = ["1".repeat(40)] as AlertFacts["machineIds"];
    expectOneAlert(lines, {
      tenantId: "11111111-1111-1111-1111-111111111111",
      alertId: "11111111-1111-1111-1111-111111111111_1" as AlertFacts["alertId"],
      title: "Suspicious Process Discovery",
      severity: "Low",
      categories: ["Discovery"],
      serviceSource: "Microsoft Defender for Endpoint",
      detectionSource: "EDR",
      techniques: ["T1057", "T1059.001"],
      users: ["john.doe@example.com"],
      machineIds: machine,
      impactedMachineIds: machine,
      relatedMachineIds: [],
      namedMachineIds: machine,
      publishedAt: "2026-01-13T09:40:52.1607997Z",
    });
  });
});

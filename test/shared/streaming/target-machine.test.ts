import { describe, expect, test } from "vitest";
import { machinesIn, targetMachine } from "../../../shared/streaming/target-machine.ts";
import { anAlertEvidence, evidenceRows, recordedLines } from "../../helpers/stream.ts";

const MACHINE_ID = "9c3f5a2e7d1b4860c2e9f7a1b3d5e8046f2a7c91";
const OTHER_ID = "0b7d9e1f2a3c4d5e6f708192a3b4c5d6e7f80912";
const THIRD_ID = "51f0c2d4e6a8b0c2d4e6f8a0b2c4d6e8f0a2b4c6";
const name = "fin-laptop-07.contoso.example";

const rowOf = (fields: Parameters<typeof anAlertEvidence>[0]) => evidenceRows([anAlertEvidence(fields)]);

describe("the target machine", () => {
  test("is what the row about the machine says", () => {
    expect(targetMachine(rowOf({ entityType: "Machine" }))).toEqual({
      id: MACHINE_ID,
      name,
      role: "Impacted",
      from: "machine",
    });
  });

  test.each(["Process", "File", "User"] as const)(
    "is found on a row about a %s, behind a reference if need be",
    (entityType) => {
      expect(targetMachine(rowOf({ entityType }))).toEqual({ id: MACHINE_ID, name, role: "Impacted", from: "entity" });
    },
  );

  test("is the same on every row of one alert", () => {
    const rows = evidenceRows(recordedLines("one-alert"));
    expect(rows.map((row) => targetMachine(row)?.id)).toEqual([
      MACHINE_ID,
      MACHINE_ID,
      MACHINE_ID,
      MACHINE_ID,
      undefined,
    ]);
    expect(machinesIn(rows)).toEqual([{ id: MACHINE_ID, name, role: "Impacted", from: "machine" }]);
  });

  test("is impacted rather than related, and has a row of its own rather than not, in whatever order rows come", () => {
    const rows = evidenceRows([
      anAlertEvidence({ entityType: "User", machineId: THIRD_ID }),
      anAlertEvidence({ machineId: OTHER_ID, role: "Related" }),
      anAlertEvidence({ machineId: MACHINE_ID }),
    ]);
    expect(machinesIn(rows).map(({ id }) => id)).toEqual([MACHINE_ID, OTHER_ID, THIRD_ID]);
    expect(machinesIn(rows.toReversed()).map(({ id }) => id)).toEqual([MACHINE_ID, OTHER_ID, THIRD_ID]);
  });

  test("is merely related where nothing says that it is impacted", () => {
    const [row] = rowOf({
      entityType: "File",
      columns: { AdditionalFields: `{"Host":{"MachineId":"${MACHINE_ID}"}}` },
    });
    expect(row && targetMachine(row)).toEqual({ id: MACHINE_ID, role: "Related", from: "entity" });
  });

  test("is in the columns of a file's row of 2022", () => {
    expect(targetMachine(evidenceRows(recordedLines("older-alert")))).toEqual({
      id: "2d60b1f7c9a84e53a1d0c47be6f5932871a0ce4d",
      name: "hr-desktop-02",
      role: "Related",
      from: "entity",
    });
  });

  test("is where a process ran rather than where its file lies", () => {
    const AdditionalFields = { Host: { MachineId: MACHINE_ID }, ImageFile: { Host: { MachineId: OTHER_ID } } };
    expect(targetMachine(rowOf({ entityType: "Process", columns: { AdditionalFields } }))?.id).toBe(MACHINE_ID);
  });

  test("is found in a row whose own column is empty", () => {
    expect(targetMachine(rowOf({ columns: { DeviceId: null } }))?.id).toBe(MACHINE_ID);
  });

  test("is none for an address, a mail or no evidence at all", () => {
    expect(targetMachine(rowOf({ entityType: "Ip" }))).toBeUndefined();
    expect(targetMachine([])).toBeUndefined();
  });

  test("is none when only a name is known", () => {
    expect(targetMachine(rowOf({ columns: { DeviceId: null, AdditionalFields: null } }))).toBeUndefined();
  });
});

describe("a machine id", () => {
  test.each([
    ["40 hex digits", MACHINE_ID, MACHINE_ID],
    ["in capitals", MACHINE_ID.toUpperCase(), MACHINE_ID],
    ["32 hex digits, of a machine onboarded long ago", MACHINE_ID.slice(0, 32), MACHINE_ID.slice(0, 32)],
  ])("has %s", (_, DeviceId, id) => {
    expect(targetMachine(rowOf({ columns: { DeviceId, AdditionalFields: null } }))?.id).toBe(id);
  });

  test.each<[what: string, hostile: unknown]>([
    ["a path", "../../../api/machines"],
    ["an id with a path", `${MACHINE_ID}/isolate`],
    ["an id with a query", `${MACHINE_ID}?`],
    ["an id with a line break", `${MACHINE_ID}\n`],
    ["an id with a space", ` ${MACHINE_ID}`],
    ["44 digits", `${MACHINE_ID}0000`],
    ["39 digits", MACHINE_ID.slice(1)],
    ["40 letters and digits", MACHINE_ID.replace("9", "g")],
    ["a GUID", "33333333-3333-3333-3333-333333333333"],
    ["a name", "fin-laptop-07"],
    ["a number", 4e39],
    ["an object", { toString: "x" }],
    ["a list of one id", [MACHINE_ID]],
    ["a giant", "9".repeat(200_000)],
  ])("is not %s", (_, hostile) => {
    const everywhere = { DeviceId: hostile, AdditionalFields: { MachineId: hostile, Host: { MachineId: hostile } } };
    expect(targetMachine(rowOf({ columns: everywhere }))).toBeUndefined();
    expect(targetMachine(rowOf({ entityType: "Process", columns: everywhere }))).toBeUndefined();
  });
});

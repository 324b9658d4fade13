import { describe, expect, test } from "vitest";
import { closeFalsePositive } from "../../functions/playbooks/close-false-positive.ts";
import { PermanentError } from "../../shared/errors.ts";
import { undoRunId } from "../../shared/runs/run-id.ts";
import { ALERT_ID, anAlert } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const JOINED_ID = "da637472900382838869_2222222222";
const CONTAINMENT = "run-c0";
const BLOCK = "run-b1";

const aRun = (changes = {}) => ({
  runId: CONTAINMENT,
  state: "ended",
  playbook: "contain-device",
  otherAlerts: [],
  hasMoreAlerts: false,
  ...changes,
});
const undoneAs = (outcome: string, words: string) => () => ({ state: "ended", outcome: { outcome, words } });
const UNDONE = "Undo, the last first: isolateMachine: undone.";

const script: Script = {
  recordVerdict: () => ({ recorded: true }),
  findRunsOfAlerts: () => ({ runs: [aRun()] }),
  setAlertVerdict: () => ({ classification: "FalsePositive", determination: "Clean" }),
  endRun: () => ({ ended: true }),
  startUndo: ({ runId }: { runId: string }) => ({ undoRunId: undoRunId(runId) }),
  readRun: undoneAs("undone", UNDONE),
  getAlert: () => anAlert({ incidentId: 7 }),
  listAlerts: () => ({ rows: [{ id: ALERT_ID, status: "Resolved" }], hasMore: false }),
  addTicketNote: () => ({ id: "SEC-1" }),
  setTicketStatus: () => ({ id: "SEC-1", status: "closed" }),
  updateAlert: () => ({ written: true }),
};
const input = { alertId: ALERT_ID, by: "Ana@contoso.example", reason: "It was our own scanner." };
const SAID = "False positive (Clean), says ana@contoso.example: It was our own scanner.";
const RESOLVED = "1 alert(s) resolved as FalsePositive, Clean.";

function close(changes: Script = {}, parameters = {}) {
  const played = play(closeFalsePositive, { ...input, ...parameters }, { ...script, ...changes });
  const inputsOf = (name: string) => played.steps.flatMap((step) => (step.name === name ? [step.input] : []));
  return {
    ...played,
    inputsOf,
    note: texts(played.steps, "addTicketNote").at(-1),
    closing: texts(played.steps, "updateAlert").at(-1),
  };
}
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};

test("classifies the alert, undoes what was done for it, and closes the ticket with the reason", () => {
  const { result, steps, inputsOf, note, closing } = close();

  expect(steps[0]).toEqual({ name: "recordVerdict", input: { alertId: ALERT_ID, words: SAID } });
  expect(inputsOf("setAlertVerdict")).toEqual([
    { alertId: ALERT_ID, classification: "FalsePositive", determination: "Clean", status: "Resolved" },
  ]);
  expect(inputsOf("startUndo")).toEqual([{ runId: CONTAINMENT }]);
  expect(inputsOf("setTicketStatus")).toEqual([{ status: "closed", ofRun: CONTAINMENT }]);
  const words = `${SAID} ${RESOLVED} contain-device (${CONTAINMENT}): ${UNDONE}`;
  expect(note).toBe(`${words} The ticket is closed.`);
  expect(closing).toBe(`${words} Ticket SEC-1 closed.`);
  expect(result).toMatchObject({ outcome: "done", ticketClosed: true, alertUpdated: true });
  expect(inputsOf("endRun")).toEqual([]);
});

test("an alert that led to nothing is classified alone", () => {
  const { result, closing, inputsOf } = close({ findRunsOfAlerts: () => ({ runs: [] }) });
  expect(closing).toBe(`${SAID} ${RESOLVED} This app has started no run for it. There is no ticket to close.`);
  expect(result).toMatchObject({ outcome: "done", ticketClosed: false });
  expect(inputsOf("startUndo")).toEqual([]);
});

test("ends a run that is under way, and undoes it only once its last step can be noted", () => {
  const { inputsOf, steps, endedAt } = close({ findRunsOfAlerts: () => ({ runs: [aRun({ state: "under-way" })] }) });
  expect(inputsOf("endRun")).toEqual([{ runId: CONTAINMENT, reason: SAID }]);
  const order = steps.map(({ name }) => name);
  expect(order.indexOf("endRun")).toBeLessThan(order.indexOf("startUndo"));
  expect(endedAt.getTime() - startedAt.getTime()).toBeGreaterThanOrEqual(3 * 60_000);
});

test("starts all undos before it follows any, as one may wait for days", () => {
  const runs = [aRun(), aRun({ runId: BLOCK, playbook: "block-file" })];
  const { steps, inputsOf } = close({ findRunsOfAlerts: () => ({ runs }) });
  const order = steps.map(({ name }) => name).filter((name) => ["startUndo", "readRun"].includes(name));
  expect(order).toEqual(["startUndo", "startUndo", "readRun", "readRun"]);
  // Both runs share the ticket of their incident.
  expect(inputsOf("setTicketStatus")).toHaveLength(1);
});

test("waits for an undo of a device that is away, and says only then what came of it", () => {
  const days = (times: number) => (times < 60 ? { state: "under-way" } : undoneAs("undone", UNDONE)());
  const { result, endedAt } = close({ readRun: (_, times) => days(times) });
  expect(result).toMatchObject({ outcome: "done" });
  expect(endedAt.getTime() - startedAt.getTime()).toBeGreaterThan(20 * 3_600_000);
});

describe("alert and ticket say what is not undone, and the ticket stays open", () => {
  const words = (what: string) => `Undo, the last first: isolateMachine: not undone, ${what}.`;
  test.each([
    ["a failed action", words("Unisolate ended as Failed")],
    ["a release that somebody cancelled", words("Unisolate was cancelled by ana")],
    ["a device that stayed away", words("Unisolate ended as TimeOut")],
    ["people who declined it", words("ana has declined: it is infected")],
    ["a question that nobody answered", words("nobody answered in time")],
    ["a policy that is against it", words("a rule of the policy is about release")],
    ["what cannot be taken back", "Undo, the last first: stopAndQuarantineFile: stays. A person restores it."],
  ])("%s", (_, words) => {
    const { result, inputsOf, note, closing } = close({ readRun: undoneAs("not-all-undone", words) });
    expect(result).toMatchObject({ outcome: "partly-done", ticketClosed: false });
    expect(note).toContain(`${words} The ticket stays open, as not everything is undone.`);
    expect(closing).toContain(`${words} Ticket SEC-1 stays open, as not everything is undone.`);
    expect(inputsOf("setTicketStatus")).toEqual([]);
  });

  test.each([
    ["an undo that ended by force", () => ({ state: "ended" }), "did not come to its end"],
    ["an undo that never ends", () => ({ state: "under-way" }), "has not ended"],
    [
      "an undo that cannot be seen",
      refusing("Unavailable", "storage is down"),
      "could not be followed: storage is down",
    ],
  ])("%s", (_, readRun, words) => {
    const { result, note } = close({ readRun });
    expect(result).toMatchObject({ outcome: "partly-done", ticketClosed: false });
    expect(note).toContain(words);
  });

  test("an undo that cannot be started", () => {
    const { result, note } = close({ startUndo: refusing("Unavailable", "storage is down") });
    expect(result).toMatchObject({ outcome: "partly-done" });
    expect(note).toContain(`contain-device (${CONTAINMENT}): could not be undone: storage is down.`);
  });

  test("a run that cannot be ended is not undone either, as it might do more", () => {
    const findRunsOfAlerts = () => ({ runs: [aRun({ state: "under-way" })] });
    const { result, inputsOf } = close({ findRunsOfAlerts, endRun: refusing("Unavailable", "storage is down") });
    expect(inputsOf("startUndo")).toEqual([]);
    expect(result).toMatchObject({ outcome: "partly-done", ticketClosed: false });
  });
});

describe("a run that other alerts depend on", () => {
  const findRunsOfAlerts = ({ alertIds }: { alertIds: string[] }) => ({
    runs: [aRun({ state: "under-way", otherAlerts: alertIds.includes(JOINED_ID) ? [] : [JOINED_ID] })],
  });

  test("goes on as it is", () => {
    const { result, inputsOf, note } = close({ findRunsOfAlerts });
    expect(inputsOf("endRun")).toEqual([]);
    expect(inputsOf("startUndo")).toEqual([]);
    expect(note).toContain("left as it is, as 1 other alert(s) are in its care. The ticket stays open");
    expect(result).toMatchObject({ outcome: "partly-done" });
  });

  test("is undone where they were false as well, which they are told", () => {
    const { result, inputsOf } = close({ findRunsOfAlerts }, { withJoined: true });
    expect(inputsOf("setAlertVerdict")).toMatchObject([{ alertId: ALERT_ID }, { alertId: JOINED_ID }]);
    expect(inputsOf("startUndo")).toEqual([{ runId: CONTAINMENT }]);
    expect(result).toMatchObject({ outcome: "done", alertIds: [ALERT_ID, JOINED_ID] });
  });
});

test("the ticket of an incident with other alerts stays open", () => {
  const rows = [{ id: JOINED_ID, status: "InProgress" }];
  const { result, note } = close({ listAlerts: () => ({ rows, hasMore: false }) });
  expect(result).toMatchObject({ outcome: "done", ticketClosed: false });
  expect(note).toContain("The ticket stays open, as incident 7 has 1 other alert(s) that are not resolved.");
});

test.each([
  ["PolicyDenied", "not-allowed", "not allowed by policy: writes are off"],
  ["KillSwitch", "not-allowed", "not allowed by policy: writes are off"],
  ["Declined", "declined", "declined: writes are off"],
  ["ApprovalExpired", "expired", "nobody approved it in time: writes are off"],
])("undoes nothing where the verdict itself ends as %s, as a run is undone once", (code, outcome, words) => {
  const { result, inputsOf, note } = close({ setAlertVerdict: refusing(code, "writes are off") });
  expect(inputsOf("startUndo")).toEqual([]);
  expect(result).toMatchObject({ outcome, ticketClosed: false });
  expect(note).toContain(`Not classified: ${words}. Nothing was undone. The ticket stays open`);
});

test("undoes also what was done for an alert that Defender has forgotten", () => {
  const setAlertVerdict = refusing("ResourceNotFound", "no such alert");
  const { result, inputsOf, note } = close({ setAlertVerdict, getAlert: () => null });
  expect(inputsOf("startUndo")).toHaveLength(1);
  expect(note).toContain(`Not classified: ${ALERT_ID}: failed: no such alert.`);
  expect(result).toMatchObject({ outcome: "partly-done", ticketClosed: true });
});

test("says on the alert that the ticket could not be closed", () => {
  const { result, closing } = close({ setTicketStatus: refusing("TicketNotFound", "it was deleted") });
  expect(closing).toContain("Ticket SEC-1 could not be closed: it was deleted.");
  expect(result).toMatchObject({ ticketClosed: false });
});

test("a run in shadow undoes nothing, and says what it would", () => {
  const { inputsOf, note } = close({ startUndo: () => ({}) });
  expect(inputsOf("readRun")).toEqual([]);
  expect(note).toContain(`contain-device (${CONTAINMENT}): would be undone.`);
});

import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";
import { onRequest, playbooks, runbooks } from "../../functions/playbooks/index.ts";
import { PermanentError } from "../../shared/errors.ts";
import { type Activity, actsOnMachine, changesDefender, type Playbook, type Runbook } from "../../shared/playbook.ts";
import { ALERT_ID, aMachine, anAlert, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

/**
 * What may become of the step by which a playbook acts. Every playbook of the library is played through all of them that
 * may happen to it, and has to say the truth: a playbook without a line in the table below fails.
 */
const FATES = ["declined", "expired", "not allowed", "step failed", "offline", "action failed", "cancelled"] as const;
type Fate = (typeof FATES)[number];

/** Only an action that Defender carries out on a machine may meet these. */
const OF_MACHINE_ACTIONS: readonly Fate[] = ["offline", "action failed", "cancelled"];

/** How a playbook ends, and what it says on the way or at the end. */
type Ending = readonly [outcome: string, says: RegExp];

interface Case {
  /** The activity by which it acts, and the type of machine action that comes of it. */
  acts: string;
  type?: string;
  input: object;
  script?: Script;
  endings: Partial<Record<Fate, Ending>>;
}

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const USER = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const onDevice = { machineId: MACHINE_ID, alertId: ALERT_ID };
const stored = { container: "evidence", name: "evidence-1", bytes: 42, sha256: "cd".repeat(32) };

/** Runbooks that say what came of it by `Came`, all in the same words. */
const refused: Case["endings"] = {
  declined: ["declined", /declined: ana said so/],
  expired: ["expired", /nobody approved it in time: ana said so/],
  "not allowed": ["not-allowed", /not allowed by policy: ana said so/],
  "step failed": ["failed", /failed: ana said so/],
};
const carriedOut: Case["endings"] = {
  ...refused,
  offline: ["done", /queued, device offline; Defender keeps trying for (three days|two hours)/],
  "action failed": ["failed", /failed: \w+ ended as Failed/],
  cancelled: ["cancelled", /cancelled by ana: wrong device/],
};
const notIsolated: Ending = ["not-isolated", /Not isolated: ana said so/];
const notReleased: Ending = ["not-released", /Not released: ana said so/];
const triedAgain: Ending = ["released", /Not released: ana said so\. .* It is tried again\./];
const notUndone: Ending = ["not-all-undone", /isolateMachine: not undone, ana said so/];

const aLease = {
  ...{ machineId: MACHINE_ID, runId: "run-0", alertId: ALERT_ID, by: "contain-device", state: "releasing" },
  ...{ startedAt: startedAt.toISOString(), until: startedAt.toISOString(), holdRunId: "run-1", revision: 1 },
};

const table: Record<string, Case> = {
  "block-file": {
    acts: "stopAndQuarantineFile",
    type: "StopAndQuarantineFile",
    input: { alertId: ALERT_ID, hash: SHA1 },
    endings: Object.fromEntries(
      Object.entries(carriedOut).map(([fate, [outcome, says]]) => [
        fate,
        [outcome === "done" ? outcome : "partly-done", says],
      ]),
    ),
  },
  "block-network-indicator": {
    acts: "submitIndicator",
    input: { alertId: ALERT_ID, value: "evil.example" },
    endings: refused,
  },
  "close-false-positive": {
    acts: "setAlertVerdict",
    input: { alertId: ALERT_ID, by: "ana", reason: "our own scanner" },
    endings: { ...refused, "step failed": ["partly-done", /Not classified: \w+: failed: ana said so/] },
  },
  "collect-evidence": {
    acts: "collectInvestigationPackage",
    type: "CollectInvestigationPackage",
    input: onDevice,
    endings: { ...carriedOut, offline: ["done", /queued, device offline/] },
  },
  "contain-device": {
    acts: "isolateMachine",
    type: "Isolate",
    input: { ...onDevice, joinMinutes: 0 },
    endings: {
      ...{ declined: notIsolated, expired: notIsolated, "not allowed": notIsolated, "step failed": notIsolated },
      offline: ["isolated", /queued, device offline/],
      "action failed": ["not-isolated", /Not isolated: Isolate ended as Failed/],
      cancelled: ["not-isolated", /Not isolated: Isolate ended as Cancelled/],
    },
  },
  "contain-unmanaged-device": {
    acts: "containUnmanagedMachine",
    type: "Isolate",
    input: onDevice,
    script: { getMachine: () => aMachine({ onboardingStatus: "CanBeOnboarded" }) },
    endings: carriedOut,
  },
  "disable-compromised-user-sessions": {
    acts: "revokeSignInSessions",
    input: { alertId: ALERT_ID, user: USER },
    endings: refused,
  },
  "enrich-alert": {
    acts: "getAlertEvidence",
    input: { alertId: ALERT_ID },
    endings: { "step failed": ["done", /Evidence: could not be read \(ana said so\)/] },
  },
  "hold-isolation": {
    acts: "releaseMachine",
    type: "Unisolate",
    input: { machineId: MACHINE_ID },
    endings: {
      ...{ declined: triedAgain, expired: triedAgain, "not allowed": triedAgain, "step failed": triedAgain },
      offline: ["released", /Release is queued, device offline/],
      "action failed": ["released", /Not released: Unisolate ended as Failed\. .* It is tried again/],
      cancelled: ["released", /Not released: Unisolate ended as Cancelled\. .* It is tried again/],
    },
  },
  "live-response-script": {
    acts: "runLiveResponseScript",
    type: "LiveResponse",
    input: { ...onDevice, scriptName: "triage.ps1" },
    endings: carriedOut,
  },
  "phishing-triage": {
    acts: "runHuntingQuery",
    input: { alertId: ALERT_ID },
    endings: { "step failed": ["partly-done", /Attachments: could not be looked for \(ana said so\)/] },
  },
  "quarantine-file": {
    acts: "stopAndQuarantineFile",
    type: "StopAndQuarantineFile",
    input: { ...onDevice, hash: SHA1 },
    endings: carriedOut,
  },
  "ransomware-outbreak": {
    acts: "startContainments",
    input: { alertId: ALERT_ID, machineIds: [MACHINE_ID] },
    endings: { "step failed": ["failed", /1 failed\. Not contained: \w+: ana said so/] },
  },
  "release-device": {
    acts: "releaseMachine",
    type: "Unisolate",
    input: { ...onDevice, reason: "clean" },
    script: { readLease: () => null },
    endings: {
      ...{ declined: notReleased, expired: notReleased, "not allowed": notReleased, "step failed": notReleased },
      offline: ["released", /Release is queued, device offline/],
      "action failed": ["not-released", /Not released: Unisolate ended as Failed/],
      cancelled: ["not-released", /Not released: Unisolate ended as Cancelled/],
    },
  },
  "remove-app-restriction": {
    acts: "unrestrictCodeExecution",
    type: "UnrestrictCodeExecution",
    input: onDevice,
    endings: carriedOut,
  },
  "restrict-app-execution": {
    acts: "restrictCodeExecution",
    type: "RestrictCodeExecution",
    input: onDevice,
    endings: carriedOut,
  },
  "run-antivirus-scan": { acts: "runAntiVirusScan", type: "RunAntiVirusScan", input: onDevice, endings: carriedOut },
  "undo-run": {
    acts: "releaseMachine",
    type: "Unisolate",
    input: { runId: "run-0" },
    endings: {
      ...{ declined: notUndone, expired: notUndone, "not allowed": notUndone, "step failed": notUndone },
      offline: ["not-all-undone", /isolateMachine: not confirmed, last seen as Pending/],
      "action failed": ["not-all-undone", /not undone, Unisolate ended as Failed/],
      cancelled: ["not-all-undone", /not undone, Unisolate ended as Cancelled/],
    },
  },
};

/** What people and rules start, and what goes on for them: all but what only hands alerts on. */
const goesOn = ["hold-isolation", "undo-run"];
const library: (Playbook & Partial<Runbook>)[] = [
  ...runbooks,
  ...onRequest.filter(({ name }) => name !== "replay-alerts"),
  ...playbooks.filter(({ name }) => goesOn.includes(name)),
];

/** Answers of all other activities, where nothing goes wrong with them. */
const anything: Script = {
  ...{ getAlert: () => anAlert(), getAlertEvidence: () => ({ rows: [], hasMore: false }) },
  getGraphAlert: () => ({ id: ALERT_ID, users: [], messages: [{ networkMessageId: USER }] }),
  getGraphUser: () => ({ id: USER, userPrincipalName: "ana@contoso.example" }),
  ...{ getMachine: () => aMachine(), listLoggedOnUsers: () => [] },
  listMachineAlerts: () => ({ rows: [], hasMore: false }),
  listFileMachines: () => ({ rows: [aMachine()], hasMore: false }),
  runHuntingQuery: () => ({ columns: [], rows: [], hasMore: false }),
  submitIndicator: () => ({ id: "17" }),
  collectInvestigationPackage: () => anIsolation({ type: "CollectInvestigationPackage", status: "Succeeded" }),
  ...{ storePackage: () => stored, storeLiveResponseResult: () => stored },
  readScriptTranscript: () => ({ exitCode: "0", output: "", errors: "" }),
  ...{
    openTicket: () => ({ id: "SEC-1" }),
    addTicketNote: () => ({ id: "SEC-1" }),
    setTicketStatus: () => ({ id: "SEC-1", status: "closed" }),
  },
  ...{ updateAlert: () => ({ written: true }), commentOnGraphAlert: () => ({ written: true }) },
  notify: () => ({ deliveries: [] }),
  commentOnAlerts: () => ({ written: true }),
  takeJoinedAlerts: () => ({ alerts: [{ alertId: ALERT_ID, place: 1 }], hasMore: false }),
  ...{ closeCase: () => ({ closed: true }), startLease: () => ({ until: null }), extendLease: () => ({ until: null }) },
  ...{ readLease: () => aLease, readIsolation: () => ({ state: "isolated" }), settleLease: () => ({ settled: true }) },
  ...{ waitForLease: () => ({ waits: true }), watchMachineAction: () => ({ watched: true }) },
  recordVerdict: () => ({ recorded: true }),
  findRunsOfAlerts: () => ({ runs: [{ runId: "run-0", state: "ended", otherAlerts: [], hasMoreAlerts: false }] }),
  ...{ startUndo: () => ({ undoRunId: "undo-0" }), listAlerts: () => ({ rows: [], hasMore: false }) },
  readRun: () => ({ state: "ended", outcome: { outcome: "undone", words: "All undone." } }),
  listUndoable: () => ({
    done: [
      {
        ...{ runId: "run-0", activity: "isolateMachine", at: startedAt.toISOString() },
        inverse: { activity: "releaseMachine", input: { machineId: MACHINE_ID, comment: "Isolation undone" } },
      },
    ],
  }),
};

const CODES: Partial<Record<Fate, string>> = {
  ...{ declined: "Declined", expired: "ApprovalExpired", "not allowed": "PolicyDenied", "step failed": "BadRequest" },
};

/** Plays a playbook while its acting step meets its fate: the first time, where it is taken again until it goes well. */
function meet(playbook: Playbook, { acts, type, input, script }: Case, fate: Fate) {
  const action = (status: string, changes = {}) => anIsolation({ ...(type && { type }), status, ...changes });
  const ended = {
    offline: action("Succeeded"),
    "action failed": action("Failed"),
    cancelled: action("Cancelled", { cancellationRequestor: "ana", cancellationComment: "wrong device" }),
  }[fate as string];
  const isTriedAgain = playbook.name === "hold-isolation";
  const code = CODES[fate];
  const acting = (_: never, times: number) => {
    if (isTriedAgain && times > 0) return action("Succeeded");
    if (code) throw new PermanentError(code, "ana said so");
    return action("Pending");
  };
  const { result, steps, reports } = play(
    playbook,
    input,
    { ...anything, getMachineAction: () => action("Pending"), ...script, [acts]: acting },
    // A device that is away comes back after the first wait.
    (wait) =>
      fate === "offline" && wait === 1 ? undefined : { after: { hours: 1 }, news: ended ?? action("Succeeded") },
  );
  assert(
    steps.some(({ name }) => name === acts),
    `${playbook.name} never takes the step ${acts}`,
  );
  const { outcome, words } = result as { outcome: string; words: string };
  const told = ["addTicketNote", "updateAlert", "commentOnGraphAlert"].flatMap((name) => texts(steps, name));
  return { outcome, said: [...told, words, ...reports].join("\n"), told };
}

test("every playbook of the library is in the table", () => {
  expect(Object.keys(table).sort()).toEqual(library.map(({ name }) => name).sort());
});

describe.each(
  library.flatMap((playbook) => {
    const case_ = table[playbook.name];
    return case_ ? [{ name: playbook.name, playbook, case_ }] : [];
  }),
)("$name", ({ playbook, case_ }) => {
  const acting = activities.find(({ name }) => name === case_.acts) as Activity;
  const mayMeet = FATES.filter((fate) => {
    if (fate === "step failed") return true;
    return OF_MACHINE_ACTIONS.includes(fate) ? actsOnMachine(acting) : changesDefender(acting);
  });

  test("acts by the step that matters most, and is played through all that may happen to it", () => {
    const uses = playbook.uses?.filter(
      ({ name }) => !["updateAlert", "commentOnGraphAlert", "commentOnAlerts"].includes(name),
    );
    expect(uses?.some(actsOnMachine) ?? true).toBe(actsOnMachine(acting));
    expect(uses?.some(changesDefender) ?? true).toBe(changesDefender(acting));
    expect(Object.keys(case_.endings).sort()).toEqual([...mayMeet].sort());
  });

  test.each(mayMeet)("tells the truth where it is: %s", (fate) => {
    const { outcome, said, told } = meet(playbook, case_, fate);
    const [expected, says] = case_.endings[fate] ?? [];

    expect(outcome).toBe(expected);
    expect(said).toMatch(says as RegExp);
    expect(told.length).toBeGreaterThan(0);
  });
});

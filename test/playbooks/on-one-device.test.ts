import { describe, expect, test } from "vitest";
import { containUnmanagedDevice } from "../../functions/playbooks/contain-unmanaged-device.ts";
import { liveResponseScript } from "../../functions/playbooks/live-response-script.ts";
import { quarantineFile } from "../../functions/playbooks/quarantine-file.ts";
import { removeAppRestriction } from "../../functions/playbooks/remove-app-restriction.ts";
import { restrictAppExecution } from "../../functions/playbooks/restrict-app-execution.ts";
import { runAntivirusScan } from "../../functions/playbooks/run-antivirus-scan.ts";
import { PermanentError } from "../../shared/errors.ts";
import type { Runbook } from "../../shared/playbook.ts";
import { ALERT_ID, aMachine, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const SHA256 = "ab".repeat(32);
const stored = { container: "evidence", name: "evidence-1", bytes: 42, sha256: "cd".repeat(32) };

const onDevice = { machineId: MACHINE_ID, alertId: ALERT_ID };
const anAction = (type: string, status: string, changes = {}) => anIsolation({ type, status, ...changes });

interface Case {
  runbook: Runbook;
  input: object;
  /** What asks Defender for it, and what type of machine action that is. */
  activity: string;
  type: string;
  /** What it is, for people. */
  what: string;
  /** What is said when it is done. */
  done: string;
  triedFor?: string;
  /** What is special about the device. */
  machine?: object;
}

const cases: Case[] = [
  {
    runbook: quarantineFile,
    input: { ...onDevice, hash: SHA1 },
    activity: "stopAndQuarantineFile",
    type: "StopAndQuarantineFile",
    what: `Quarantine of file ${SHA1}`,
    done: "done.",
  },
  {
    runbook: restrictAppExecution,
    input: onDevice,
    activity: "restrictCodeExecution",
    type: "RestrictCodeExecution",
    what: "App restriction",
    done: "done.",
  },
  {
    runbook: removeAppRestriction,
    input: onDevice,
    activity: "unrestrictCodeExecution",
    type: "UnrestrictCodeExecution",
    what: "Removal of the app restriction",
    done: "done.",
  },
  {
    runbook: runAntivirusScan,
    input: { ...onDevice, scanType: "Full" },
    activity: "runAntiVirusScan",
    type: "RunAntiVirusScan",
    what: "Full antivirus scan",
    done: "done. What it found comes as alerts of its own.",
  },
  {
    runbook: liveResponseScript,
    input: { ...onDevice, scriptName: "triage.ps1", args: "-deep" },
    activity: "runLiveResponseScript",
    type: "LiveResponse",
    what: "Script triage.ps1",
    done: `done. Transcript evidence-1 stored, SHA-256 ${stored.sha256}. Exit code 0. Output: 2 findings. Errors: none.`,
    triedFor: "two hours",
  },
  {
    runbook: containUnmanagedDevice,
    input: onDevice,
    activity: "containUnmanagedMachine",
    type: "Isolate",
    what: "Containment",
    done: "done. Onboarded devices refuse to talk to it; others do not.",
    machine: { onboardingStatus: "CanBeOnboarded" },
  },
];

describe.each(cases)(
  "$runbook.name",
  ({ runbook, input, activity, type, what, done, triedFor = "three days", machine }) => {
    const script: Script = {
      [activity]: () => anAction(type, "Pending"),
      getMachine: () => aMachine(machine),
      getAlert: () => null,
      openTicket: () => ({ id: "SEC-1" }),
      addTicketNote: () => ({ id: "SEC-1" }),
      updateAlert: () => ({ written: true }),
      watchMachineAction: () => ({ watched: true }),
      getMachineAction: () => anAction(type, "Pending"),
      storeLiveResponseResult: () => stored,
      readScriptTranscript: () => ({ exitCode: "0", output: "2 findings", errors: "" }),
    };
    const ends = (status: string, changes = {}) => ({ after: { minutes: 1 }, news: anAction(type, status, changes) });
    const refusing = (code: string, reason: string) => ({
      ...script,
      [activity]: () => {
        throw new PermanentError(code, reason);
      },
    });

    test("asks Defender, follows it to its end, and says on ticket and alert that it is done", () => {
      const { result, steps } = play(runbook, input, script, () => ends("Succeeded"));

      expect(result).toMatchObject({
        outcome: "done",
        machineName: "fin-laptop-07.contoso.example",
        ticketId: "SEC-1",
      });
      expect(texts(steps, "openTicket")).toEqual([
        expect.stringContaining(`${what}: requested, machine action ${anIsolation().id}.`),
      ]);
      expect(texts(steps, "addTicketNote")).toEqual([`${what}: ${done} Ticket SEC-1.`]);
      expect(texts(steps, "updateAlert")).toEqual([`${what}: ${done} Ticket SEC-1.`]);
    });

    test("says that an offline device is queued, then what came of it", () => {
      const back = (wait: number) => (wait === 1 ? undefined : ends("Succeeded"));
      const { result, steps } = play(runbook, input, script, back);

      const queued = `${what}: queued, device offline; Defender keeps trying for ${triedFor}.`;
      expect(texts(steps, "addTicketNote")).toEqual([queued, expect.stringContaining(`${what}: done`)]);
      expect(texts(steps, "updateAlert")[0]).toBe(queued);
      expect(result).toMatchObject({ outcome: "done" });
    });

    test.each([
      ["PolicyDenied", "not-allowed", "not allowed by policy: dc-01 is a critical asset"],
      ["Declined", "declined", "declined: dc-01 is a critical asset"],
      ["ApprovalExpired", "expired", "nobody approved it in time: dc-01 is a critical asset"],
      ["OsPlatformNotSupported", "failed", "failed: dc-01 is a critical asset"],
    ])("takes %s for an answer and says so", (code, outcome, words) => {
      const { result, steps } = play(runbook, input, refusing(code, "dc-01 is a critical asset"));

      expect(result).toMatchObject({ outcome, words: `${what}: ${words}`, machineActionId: undefined });
      expect(steps.map(({ name }) => name)).not.toContain("watchMachineAction");
      expect(texts(steps, "addTicketNote")).toEqual([expect.stringContaining(`${what}: ${words}.`)]);
    });

    test("says that Defender could not do it", () => {
      const { result } = play(runbook, input, script, () => ends("Failed", { errorHResult: -2147024891 }));
      const words = `${what}: failed: ${type} ended as Failed (0x80070005)`;
      expect(result).toMatchObject({ outcome: "failed", words });
    });

    test("says who cancelled it, which it does not take for a failure", () => {
      const byAna = { cancellationRequestor: "ana@contoso.example", cancellationComment: "wrong device" };
      const { result } = play(runbook, input, script, () => ends("Cancelled", byAna));
      const words = `${what}: cancelled by ana@contoso.example: wrong device`;
      expect(result).toMatchObject({ outcome: "cancelled", words });
    });

    test("never says done before Defender has confirmed it", () => {
      const { result } = play(runbook, input, script);
      const words = `${what}: requested but never confirmed, last seen as Pending`;
      expect(result).toMatchObject({ outcome: "unconfirmed", words });
    });

    test("goes through with it while the ticket system is down, and says so on the alert", () => {
      const down = () => {
        throw new PermanentError("Unavailable", "the ticket system is down");
      };
      const withoutTickets = { ...script, openTicket: down, addTicketNote: down };
      const { result, steps } = play(runbook, input, withoutTickets, () => ends("Succeeded"));

      expect(result).toMatchObject({ outcome: "done", ticketId: undefined });
      expect(texts(steps, "updateAlert")).toEqual([expect.stringContaining("No ticket could be opened.")]);
    });

    test("asks again once an outage is over", () => {
      const afterOutage = (_: never, times: number) => {
        if (times < 3) throw new PermanentError("Unavailable", "Defender is down");
        return anAction(type, "Succeeded");
      };
      expect(play(runbook, input, { ...script, [activity]: afterOutage }).result).toMatchObject({ outcome: "done" });
    });
  },
);

const others: Script = {
  getMachine: () => aMachine(),
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
};

test("a file named by its SHA-256 is stopped by the SHA-1 that Defender knows for it", () => {
  const { steps } = play(
    quarantineFile,
    { machineId: MACHINE_ID, hash: SHA256 },
    {
      ...others,
      getFile: () => ({ sha1: SHA1, sha256: SHA256 }),
      stopAndQuarantineFile: () => anAction("StopAndQuarantineFile", "Succeeded"),
    },
  );
  expect(steps[1]).toMatchObject({ name: "stopAndQuarantineFile", input: { sha1: SHA1 } });
});

test("a file that Defender knows no SHA-1 for is not stopped", () => {
  const { result } = play(quarantineFile, { machineId: MACHINE_ID, hash: SHA256 }, { ...others, getFile: () => null });
  const words = `Quarantine of file ${SHA256}: failed: Defender knows no SHA-1 of file ${SHA256}`;
  expect(result).toMatchObject({ outcome: "failed", words });
});

test.each([
  ["Onboarded", "fin-laptop-07.contoso.example is onboarded: run contain-device to isolate it"],
  [null, "Defender does not say whether fin-laptop-07.contoso.example is onboarded"],
])("a device that is onboarded, or may be, is not contained as an unmanaged one: %s", (onboardingStatus, why) => {
  const { result, steps } = play(
    containUnmanagedDevice,
    { machineId: MACHINE_ID },
    { ...others, getMachine: () => aMachine({ onboardingStatus }) },
  );
  expect(result).toMatchObject({ outcome: "failed", words: `Containment: failed: ${why}` });
  expect(texts(steps, "addTicketNote")).toEqual([`Containment: failed: ${why}. Ticket SEC-1.`]);
});

test("a restriction that had not begun is removed by cancelling it", () => {
  const { result } = play(
    removeAppRestriction,
    { machineId: MACHINE_ID },
    { ...others, unrestrictCodeExecution: () => anAction("RestrictCodeExecution", "Cancelled") },
  );
  expect(result).toMatchObject({ outcome: "done", words: expect.stringContaining("had not begun, and was cancelled") });
});

test("a script that failed has said something too, which is kept", () => {
  const { result, steps } = play(
    liveResponseScript,
    { machineId: MACHINE_ID, scriptName: "triage.ps1" },
    {
      ...others,
      runLiveResponseScript: () => anAction("LiveResponse", "Failed"),
      storeLiveResponseResult: () => stored,
      readScriptTranscript: () => ({ exitCode: "1", output: "", errors: "access denied" }),
    },
  );
  expect(result).toMatchObject({ outcome: "failed", exitCode: "1", transcript: stored });
  expect(texts(steps, "addTicketNote")[0]).toContain("Exit code 1. Output: none. Errors: access denied.");
});

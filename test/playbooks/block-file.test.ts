import { expect, test } from "vitest";
import { blockFile } from "../../functions/playbooks/block-file.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, aMachine, anIsolation } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const SHA256 = "ab".repeat(32);

const machineIdOf = (number: number) => number.toString(16).padStart(40, "0");
const guidOf = (number: number) => `00000000-0000-4000-8000-${number.toString().padStart(12, "0")}`;

/** Devices that have the file, `device-1` seen first and so on. */
const devices = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aMachine({
      id: machineIdOf(index + 1),
      computerDnsName: `device-${index + 1}`,
      lastSeen: `2026-01-0${index + 1}T00:00:00Z`,
    }),
  );

const quarantine = (machineId: string, status: string, changes = {}) =>
  anIsolation({
    id: guidOf(Number.parseInt(machineId, 16)),
    type: "StopAndQuarantineFile",
    status,
    machineId,
    ...changes,
  });

const script: Script = {
  submitIndicator: () => ({ id: "17" }),
  listFileMachines: () => ({ rows: devices(3), hasMore: false }),
  stopAndQuarantineFile: ({ machineId }: { machineId: string }) => quarantine(machineId, "Succeeded"),
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
  watchMachineAction: () => ({ watched: true }),
  getMachineAction: ({ machineActionId }: { machineActionId: string }) =>
    quarantine(machineIdOf(Number(machineActionId.slice(-12))), "Pending"),
};

const input = { hash: SHA1, alertId: ALERT_ID };
const block = (changes: Script = {}, parameters = {}, told?: Parameters<typeof play>[3]) => {
  const { result, steps } = play(blockFile, { ...input, ...parameters }, { ...script, ...changes }, told);
  const quarantined = steps.flatMap(({ name, input }) =>
    name === "stopAndQuarantineFile" ? [(input as { machineId: string }).machineId] : [],
  );
  return { result, steps, quarantined, closing: texts(steps, "updateAlert").at(-1) };
};
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};
const BLOCKED =
  `Block of file ${SHA1}: done, as indicator 17, until 2026-04-05T09:00:00.000Z (UTC). ` +
  "It reaches devices after a while, up to some hours.";

test("blocks a file on all devices, quarantines it where it was seen, and says so on ticket and alert", () => {
  const { result, steps, quarantined, closing } = block();

  expect(steps[0]).toMatchObject({
    name: "submitIndicator",
    input: {
      indicatorType: "FileSha1",
      indicatorValue: SHA1,
      action: "BlockAndRemediate",
      expirationTime: "2026-04-05T09:00:00.000Z",
    },
  });
  expect(quarantined).toEqual([machineIdOf(3), machineIdOf(2), machineIdOf(1)]);
  expect(result).toMatchObject({ outcome: "done", indicatorId: "17", ticketId: "SEC-1" });
  expect(closing).toBe(
    `${BLOCKED} The file was seen on 3 device(s). Quarantine on 3: device-3, device-2, device-1: done. Ticket SEC-1.`,
  );
  expect(texts(steps, "addTicketNote")).toEqual([closing]);
});

test("blocks a file without an end where people say so", () => {
  const { steps } = block({}, { expiryDays: 0 });
  expect(steps[0]?.input).not.toHaveProperty("expirationTime");
});

test("blocks a SHA-256 as it is, and quarantines by the SHA-1 that Defender knows for it", () => {
  const { steps } = block({ getFile: () => ({ sha1: SHA1 }) }, { hash: SHA256 });
  expect(steps[0]).toMatchObject({ input: { indicatorType: "FileSha256", indicatorValue: SHA256 } });
  expect(steps.filter(({ name }) => name === "getFile")).toHaveLength(1);
  expect(steps.find(({ name }) => name === "stopAndQuarantineFile")).toMatchObject({ input: { sha1: SHA1 } });
});

test("a file that Defender has never met is blocked all the same", () => {
  const { result, quarantined } = block({ getFile: () => null }, { hash: SHA256 });
  expect(quarantined).toEqual([]);
  expect(result).toMatchObject({ outcome: "partly-done", indicatorId: "17" });
  expect(result.words).toContain(`Devices could not be looked for: Defender knows no SHA-1 of file ${SHA256}.`);
});

test("goes no further than it was told to, and says how many devices are left out", () => {
  const { result, quarantined } = block({}, { mostMachines: 2 });
  expect(quarantined).toEqual([machineIdOf(3), machineIdOf(2)]);
  expect(result.outcome).toBe("partly-done");
  expect(result.words).toContain("1 device(s) are left out, as `mostMachines` says.");
});

test("only blocks where no device is to be touched", () => {
  const { result, steps } = block({}, { mostMachines: 0 });
  expect(steps.map(({ name }) => name)).not.toContain("listFileMachines");
  expect(result).toMatchObject({ outcome: "done", words: expect.stringContaining("No devices were looked for.") });
});

test("says what came of each device, those of the same fate together", () => {
  const { result } = block({
    stopAndQuarantineFile: ({ machineId }: { machineId: string }) => {
      if (machineId === machineIdOf(1)) throw new PermanentError("PolicyDenied", "device-1 is a critical asset");
      if (machineId === machineIdOf(2)) return quarantine(machineId, "Cancelled", { cancellationRequestor: "ana" });
      return quarantine(machineId, "Failed");
    },
  });
  expect(result.outcome).toBe("partly-done");
  expect(result.words).toContain(
    "Quarantine on 3: device-3: failed: StopAndQuarantineFile ended as Failed; device-2: cancelled by ana; " +
      "device-1: not allowed by policy: device-1 is a critical asset.",
  );
});

test("says which devices are offline, and then what came of them", () => {
  const pending = ({ machineId }: { machineId: string }) =>
    quarantine(machineId, machineId === machineIdOf(3) ? "Succeeded" : "Pending");
  // Each device is waited for twice: for the first minutes, and for as long as Defender tries.
  const back = (wait: number) =>
    wait < 3 ? undefined : { after: { hours: 5 }, news: quarantine(machineIdOf(5 - wait), "Succeeded") };
  const { result, steps } = block({ stopAndQuarantineFile: pending }, {}, back);

  expect(texts(steps, "addTicketNote")[0]).toBe(
    "Quarantine: queued, device offline; Defender keeps trying for three days: device-2, device-1.",
  );
  expect(result).toMatchObject({ outcome: "done" });
});

test("asks again on a device that Defender could not be asked about", () => {
  let times = 0;
  const { result } = block({
    stopAndQuarantineFile: ({ machineId }: { machineId: string }) => {
      if (machineId === machineIdOf(2) && times++ === 0) throw new PermanentError("Unavailable", "Defender is down");
      return quarantine(machineId, "Succeeded");
    },
  });
  expect(result.outcome).toBe("done");
});

test.each([
  ["PolicyDenied", "not-allowed", "not allowed by policy: ana said no"],
  ["Declined", "declined", "declined: ana said no"],
  ["ApprovalExpired", "expired", "nobody approved it in time: ana said no"],
])("touches no device where the block itself ends as %s", (code, outcome, words) => {
  const { result, steps } = block({ submitIndicator: refusing(code, "ana said no") });
  expect(result).toMatchObject({ outcome, words: `Block of file ${SHA1}: ${words}. No devices were looked for.` });
  expect(steps.map(({ name }) => name)).not.toContain("stopAndQuarantineFile");
});

test("quarantines a file also where Defender takes no further indicator, and does not call it blocked", () => {
  const { result, quarantined } = block({ submitIndicator: refusing("BadRequest", "there are 15,000 indicators") });
  expect(quarantined).toHaveLength(3);
  expect(result).toMatchObject({ outcome: "failed", indicatorId: undefined });
});

test("goes through with it while the ticket system is down, and says so on the alert", () => {
  const down = refusing("Unavailable", "the ticket system is down");
  const { result, closing } = block({ openTicket: down, addTicketNote: down });
  expect(result).toMatchObject({ outcome: "done", ticketId: undefined });
  expect(closing).toContain("No ticket could be opened.");
});

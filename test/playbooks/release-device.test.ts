import { expect, test } from "vitest";
import { releaseDevice } from "../../functions/playbooks/release-device.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script } from "../helpers/play.ts";

const input = { machineId: MACHINE_ID, reason: "reimaged", ofRun: "run-0", alertId: ALERT_ID };
const aRelease = (status: string) => anIsolation({ type: "Unisolate", status });

const script: Script = {
  readLease: () => null,
  releaseMachine: () => aRelease("Succeeded"),
  watchMachineAction: () => ({ watched: true }),
  getMachineAction: () => aRelease("Pending"),
  settleLease: () => ({ settled: true }),
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
};

function release(changes: Script, told?: Parameters<typeof play>[3]) {
  const { result, steps } = play(releaseDevice, input, { ...script, ...changes }, told);
  const notes = steps.flatMap(({ name, input }) =>
    name === "addTicketNote" ? [(input as { text: string }).text] : [],
  );
  const endsLease = steps.some(({ name }) => name === "settleLease");
  return { outcome: result.outcome, notes, endsLease };
}

test("releases the device, ends its lease, and says so", () => {
  expect(release({})).toEqual({ outcome: "released", notes: ["Released. Asked for: reimaged"], endsLease: true });
});

test("says that an isolation which had not begun was cancelled", () => {
  const { outcome, notes } = release({ releaseMachine: () => anIsolation({ status: "Cancelled" }) });
  expect([outcome, ...notes]).toEqual([
    "released",
    "Released: the isolation had not begun, and was cancelled. Asked for: reimaged",
  ]);
});

test("says that the release of a device that is away is queued, and then what came of it", () => {
  const back = (wait: number) => (wait === 1 ? undefined : { after: { hours: 1 }, news: aRelease("Succeeded") });
  const { notes } = release({ releaseMachine: () => aRelease("Pending") }, back);
  expect(notes).toEqual([
    "Release is queued, device offline. Defender keeps trying for three days.",
    "Released. Asked for: reimaged",
  ]);
});

test.each<[string, () => unknown, string]>([
  ["fails", () => aRelease("Failed"), "Not released: Unisolate ended as Failed. Asked for: reimaged"],
  [
    "is declined by the policy",
    () => {
      throw new PermanentError("PolicyDenied", "ana said no");
    },
    "Not released: ana said no. Asked for: reimaged",
  ],
])("calls nothing released where the release %s", (_, releaseMachine, words) => {
  expect(release({ releaseMachine })).toEqual({ outcome: "not-released", notes: [words], endsLease: false });
});

test("never says released before Defender has confirmed it", () => {
  const { outcome, notes, endsLease } = release({ releaseMachine: () => aRelease("Pending") });
  expect([outcome, endsLease]).toEqual(["unconfirmed", false]);
  expect(notes.at(-1)).toContain("never confirmed, last seen as Pending");
});

test("tells also the containment that it was not told of, as the lease names it, and that once", () => {
  const lease = {
    ...{ machineId: MACHINE_ID, runId: "run-0", alertId: ALERT_ID, by: "contain-device", state: "held" },
    ...{ startedAt: "2026-01-05T08:00:00Z", revision: 1, ofCase: { tenantId: "t-1", playbook: "contain-device" } },
  };
  const { steps } = play(
    releaseDevice,
    { machineId: MACHINE_ID, reason: "reimaged" },
    {
      ...script,
      readLease: () => lease,
      takeJoinedAlerts: () => ({ alerts: [{ alertId: "da2_1", place: 2 }], hasMore: false }),
      commentOnAlerts: () => ({ written: true }),
    },
  );
  const told = steps.filter(({ name }) => ["addTicketNote", "updateAlert", "commentOnAlerts"].includes(name));
  const words = "Released. Asked for: reimaged";
  expect(told.map(({ input }) => input)).toMatchObject([
    { ofRun: "run-0", text: words },
    { alertId: ALERT_ID, comment: words },
    { alertIds: ["da2_1"], comment: words },
  ]);
});

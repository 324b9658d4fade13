import { expect, test } from "vitest";
import { holdIsolation } from "../../functions/playbooks/hold-isolation.ts";
import { PermanentError } from "../../shared/errors.ts";
import type { Lease } from "../../shared/leases/lease.ts";
import { ALERT_ID, anIsolation, MACHINE_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt, type Told } from "../helpers/play.ts";

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(startedAt.getTime() + hours * HOUR_MS).toISOString();

const aLease = (changes: Partial<Lease> = {}) => ({
  machineId: MACHINE_ID,
  runId: "run-0",
  alertId: ALERT_ID,
  by: "contain-device",
  state: "held",
  startedAt: startedAt.toISOString(),
  until: inHours(4),
  holdRunId: "run-1",
  revision: 1,
  ...changes,
});

const aRelease = (changes: object = {}) => anIsolation({ type: "Unisolate", status: "Succeeded", ...changes });

/** What the table holds: later changes come with the reads that see them. */
function leased(...reads: Partial<Lease>[]): Script {
  let isReleasing = false;
  return {
    readLease: (_, times) =>
      aLease({ ...reads[Math.min(times, reads.length - 1)], ...(isReleasing && { state: "releasing" as const }) }),
    readIsolation: () => ({ state: "isolated" }),
    waitForLease: () => ({ waits: true }),
    settleLease: ({ to }: { to: string }) => {
      isReleasing ||= to === "releasing";
      return { settled: true };
    },
    releaseMachine: () => aRelease(),
    addTicketNote: () => ({ id: "SEC-1" }),
    updateAlert: () => ({ written: true }),
    notify: () => ({ deliveries: [] }),
    watchMachineAction: () => ({ watched: true }),
    getMachineAction: () => aRelease({ status: "Pending" }),
  };
}

const hold = (script: Script, told?: (wait: number) => Told | undefined) => {
  const played = play(holdIsolation, { machineId: MACHINE_ID }, script, told);
  const inputsOf = <T>(name: string) =>
    played.steps.filter((step) => step.name === name).map(({ input }) => input as T);
  return {
    ...played,
    hours: (played.endedAt.getTime() - startedAt.getTime()) / HOUR_MS,
    notes: inputsOf<{ text: string; ofRun: string }>("addTicketNote"),
    comments: inputsOf<{ comment: string }>("updateAlert").map(({ comment }) => comment),
    releases: inputsOf("releaseMachine").length,
    pages: inputsOf<{ event: string; title: string; text: string }>("notify"),
    settled: inputsOf<{ to: string; ending?: string }>("settleLease"),
  };
};

test("releases the device at the end, and says so on ticket and alert of the containment", () => {
  const { result, hours, notes, comments, settled } = hold(leased({}));

  expect(hours).toBe(4);
  expect(result).toMatchObject({ outcome: "released" });
  const words = "Released, as the end of its isolation has come.";
  expect(notes).toEqual([expect.objectContaining({ text: words, ofRun: "run-0" })]);
  expect(comments).toEqual([words]);
  expect(settled.map(({ to }) => to)).toEqual(["releasing", "ended"]);
});

test("an end that was moved meanwhile counts, also where nobody told the run", () => {
  expect(hold(leased({}, { until: inHours(30) })).hours).toBe(30);
});

test("an end that is brought forward wakes the run", () => {
  const { hours } = hold(leased({}, { until: inHours(2) }), (wait) =>
    wait === 1 ? { after: { hours: 1 }, news: {} } : undefined,
  );
  expect(hours).toBe(2);
});

test("is released at once when a person asks for it", () => {
  const early = { state: "releasing" as const, reason: "Ana asked for it: clean" };
  const { hours, comments } = hold(leased({}, early), () => ({ after: { minutes: 30 }, news: {} }));

  expect(hours).toBe(0.5);
  expect(comments).toEqual(["Released, as Ana asked for it: clean."]);
});

test("a release in Defender's portal ends the isolation, and nothing more is asked of Defender", () => {
  const { result, releases, comments, settled } = hold({
    ...leased({}),
    readIsolation: () => ({ state: "released", by: "ana@contoso.example" }),
  });

  expect(releases).toBe(0);
  expect(result).toMatchObject({ outcome: "released", words: "Released in Defender by ana@contoso.example" });
  expect(comments).toEqual(["Released in Defender by ana@contoso.example."]);
  expect(settled.map(({ to }) => to)).toEqual(["ended"]);
});

test("an isolation that is over, as by an undo, is left alone", () => {
  const { result, releases } = hold(leased({}, { state: "ended", ending: "Released by an undo" }));

  expect(result).toEqual({ outcome: "ended", words: "Released by an undo" });
  expect(releases).toBe(0);
});

test("an isolation without an end is looked at once: a release in the portal is noticed, and said", () => {
  const { until: _, ...endless } = aLease();
  const lookAt = (state: string) =>
    hold({ ...leased({}), readLease: () => endless, readIsolation: () => ({ state, by: "ana" }) });

  expect(lookAt("isolated")).toMatchObject({ result: { outcome: "ended" }, hours: 0, releases: 0, comments: [] });
  expect(lookAt("released")).toMatchObject({
    ...{ result: { outcome: "released", words: "Released in Defender by ana" }, hours: 0, releases: 0 },
    comments: ["Released in Defender by ana."],
  });
});

const withOthers: Partial<Lease> = {
  ofCase: { tenantId: "t-1", playbook: "contain-device" },
  sharedWith: [{ runId: "run-9", alertId: "da9_1" }],
};

test("tells every run that shares the isolation, its alert, and the alerts that joined it, each once", () => {
  const asked: string[] = [];
  const { notes, steps } = hold({
    ...leased(withOthers),
    takeJoinedAlerts: ({ ofRun }: { ofRun: string }) => {
      asked.push(ofRun);
      const own = ofRun === "run-0" ? [ALERT_ID, "da2_1", "da3_1"] : ["da9_1"];
      return { alerts: own.map((alertId, index) => ({ alertId, place: index + 1 })), hasMore: false };
    },
    commentOnAlerts: () => ({ written: true }),
  });
  const inputsOf = (name: string) => steps.filter((step) => step.name === name).map(({ input }) => input);
  const words = "Released, as the end of its isolation has come.";

  expect(asked).toEqual(["run-0", "run-9"]);
  expect(notes.map(({ ofRun, text }) => [ofRun, text])).toEqual([
    ["run-0", words],
    ["run-9", words],
  ]);
  expect(inputsOf("updateAlert")).toMatchObject([{ alertId: ALERT_ID }, { alertId: "da9_1" }]);
  expect(inputsOf("commentOnAlerts")).toMatchObject([{ alertIds: ["da2_1", "da3_1"], comment: words }]);
});

test("opens a ticket again that people have closed, where a person must see to the release", () => {
  const { steps } = hold({
    ...leased({}),
    releaseMachine: (_, times) => aRelease(times === 0 ? { status: "Failed" } : {}),
    addTicketNote: () => ({ id: "SEC-1", status: "closed" }),
    setTicketStatus: () => ({ id: "SEC-1", status: "open" }),
  });
  expect(steps.filter(({ name }) => name === "setTicketStatus").map(({ input }) => input)).toEqual([
    { status: "open", ofRun: "run-0" },
  ]);
});

test("keeps trying where the release fails, and says so each time", () => {
  const { result, releases, notes } = hold({
    ...leased({}),
    releaseMachine: (_, times) => aRelease(times < 3 ? { status: "Failed" } : {}),
  });

  expect(releases).toBe(4);
  expect(result).toMatchObject({ outcome: "released" });
  expect(notes.map(({ text }) => text)).toEqual([
    ...Array(3).fill(
      "Not released: Unisolate ended as Failed. The isolation should have ended, as the end of its isolation has come. It is tried again.",
    ),
    "Released, as the end of its isolation has come.",
  ]);
});

test("a release that the policy never allows is given up after two weeks, and not in silence", () => {
  const { result, hours, notes, releases, pages } = hold({
    ...leased({}),
    releaseMachine: () => {
      throw new PermanentError("PolicyDenied", "nobody releases servers");
    },
  });

  expect(result).toMatchObject({ outcome: "given-up" });
  expect(hours / 24).toBeGreaterThan(14);
  expect(releases).toBeLessThan(80);
  expect(notes.at(-1)?.text).toContain("a person must release it");
  expect(pages).toMatchObject([
    { event: "leaseReleaseFailed", severity: "High", text: expect.stringContaining("It is tried again") },
    { event: "leaseReleaseFailed", severity: "High", text: expect.stringContaining("a person must release it") },
  ]);
});

test("says that the release of a device that is away is queued, and that it is released when it returns", () => {
  const backAfterADay = (wait: number) => (wait === 3 ? { after: { hours: 24 }, news: aRelease() } : undefined);
  const { comments, hours } = hold(
    { ...leased({}), releaseMachine: () => aRelease({ status: "Pending" }) },
    backAfterADay,
  );

  expect(hours).toBeGreaterThan(28);
  expect(comments).toEqual([
    "Release is queued, device offline. Defender keeps trying for three days.",
    "Released, as the end of its isolation has come.",
  ]);
});

import { expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import type { Duration } from "../../shared/duration.ts";
import { PermanentError } from "../../shared/errors.ts";
import {
  ALERT_ID,
  aCollection,
  aMachine,
  anAlert,
  anIsolation,
  COLLECTION_ID,
  ISOLATION_ID,
  MACHINE_ID,
} from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";

const input = { alertId: ALERT_ID, machineId: MACHINE_ID, alertTitle: "Hands-on keyboard attack", joinMinutes: 0 };
const stored = {
  container: "evidence",
  name: `${MACHINE_ID}/${COLLECTION_ID}.zip`,
  bytes: 1042,
  sha256: "ab".repeat(32),
};

const script: Script = {
  getMachine: () => aMachine(),
  isolateMachine: () => anIsolation(),
  listLoggedOnUsers: () => [{ id: "contoso\\ana", accountName: "ana" }],
  getAlert: () => null,
  openTicket: () => ({ id: "SEC-1" }),
  watchMachineAction: () => ({ watched: true }),
  getMachineAction: () => anIsolation(),
  collectInvestigationPackage: () => aCollection(),
  storePackage: () => stored,
  addTicketNote: () => ({ id: "SEC-1" }),
  updateAlert: () => ({ written: true }),
  notify: () => ({ deliveries: [] }),
  takeJoinedAlerts: () => ({ alerts: [{ alertId: ALERT_ID, place: 1 }], hasMore: false }),
  commentOnAlerts: () => ({ written: true }),
  closeCase: () => ({ closed: true }),
  startLease: () => ({ until: null }),
  extendLease: () => ({ until: null }),
  settleLease: () => ({ settled: true }),
};

/** Defender confirms the isolation after a while. */
const confirmed =
  (after: Duration = { seconds: 30 }) =>
  () => ({ after, news: anIsolation({ status: "Succeeded" }) });

const after = (endedAt: Date) => (endedAt.getTime() - startedAt.getTime()) / 1000;
const inputsOf = (steps: { name: string; input: unknown }[], name: string) =>
  steps.filter((step) => step.name === name).map(({ input }) => input);
const inputOf = (steps: { name: string; input: unknown }[], name: string) => steps.find((s) => s.name === name)?.input;

test("isolates the device, stores its package, and says so on ticket and alert", () => {
  const { result, steps } = play(containDevice, input, script, confirmed());

  expect(result).toEqual({
    outcome: "isolated",
    words: "Isolated",
    alertId: ALERT_ID,
    machineId: MACHINE_ID,
    machineName: "fin-laptop-07.contoso.example",
    machineActionId: ISOLATION_ID,
    package: stored,
    ticketId: "SEC-1",
    alertUpdated: true,
    joinedAlerts: 0,
  });
  const words = `Isolated. Package ${stored.name} stored, SHA-256 ${stored.sha256}.`;
  expect(inputsOf(steps, "updateAlert")).toEqual([
    { alertId: ALERT_ID, key: "isolated", comment: "Isolated." },
    { alertId: ALERT_ID, key: "closing", comment: `${words} Ticket SEC-1.` },
  ]);
  expect(inputOf(steps, "addTicketNote")).toEqual({ key: "closing", text: words });
});

test("asks for the isolation before anything else, as the policy reads the device by itself", () => {
  const { steps } = play(containDevice, input, script, confirmed());

  expect(steps[0]?.name).toBe("isolateMachine");
});

test("does not isolate a critical asset and asks a person on the ticket", () => {
  const { result, steps } = play(containDevice, input, {
    ...script,
    isolateMachine: () => {
      throw new PermanentError("PolicyDenied", "dc-01 is a critical asset");
    },
  });

  expect(result).toMatchObject({ outcome: "not-isolated", words: "Not isolated: dc-01 is a critical asset" });
  expect(inputOf(steps, "openTicket")).toMatchObject({
    description: expect.stringContaining("Not isolated: dc-01 is a critical asset. A person must decide."),
  });
  expect(steps.map(({ name }) => name)).not.toContain("collectInvestigationPackage");
});

test("people are told what came of the isolation before the package is collected, and how bad the alert is", () => {
  const { steps } = play(containDevice, { ...input, severity: "medium" }, script, confirmed());
  const names = steps.map(({ name }) => name);

  expect(names.indexOf("notify")).toBeLessThan(names.indexOf("collectInvestigationPackage"));
  expect(inputsOf(steps, "notify")).toEqual([
    {
      ...{ key: "contained", event: "containment", severity: "Medium" },
      title: "Isolated: fin-laptop-07.contoso.example",
      text: "Isolated. Ticket SEC-1.",
      facts: [
        { name: "Alert", value: "Hands-on keyboard attack" },
        { name: "Alert id", value: ALERT_ID },
        { name: "Device id", value: MACHINE_ID },
        { name: "Run", value: "run-1" },
      ],
    },
  ]);
});

test.each([
  ["PolicyDenied", "Not isolated: fin-laptop-07.contoso.example", "Not isolated: dc-01 is a critical asset"],
  ["Unavailable", "Isolation not confirmed: fin-laptop-07.contoso.example", "It is not known whether"],
])(
  "people are told of a containment that ended with %s, and a run of which nobody can be told goes on",
  (code, title, words) => {
    const { steps, result } = play(containDevice, input, {
      ...script,
      isolateMachine: () => {
        throw new PermanentError(code, "dc-01 is a critical asset");
      },
      notify: () => {
        throw new PermanentError("Unavailable", "the table of what was sent is away");
      },
    });

    expect(inputOf(steps, "notify")).toMatchObject({ title, text: expect.stringContaining(words) });
    expect(result).toMatchObject({ ticketId: "SEC-1" });
  },
);

test("says that an offline device is queued, then follows it until it is isolated", () => {
  const backAfterAnHour = (wait: number) =>
    wait === 1 ? undefined : { after: { hours: 1 }, news: anIsolation({ status: "Succeeded" }) };
  const { result, steps, reports, endedAt } = play(containDevice, input, script, backAfterAnHour);

  expect(result).toMatchObject({ outcome: "isolated" });
  expect(reports).toContain("queued, device offline");
  const comments = steps
    .filter(({ name }) => name === "updateAlert")
    .map(({ input }) => (input as { key: string }).key);
  expect(comments).toEqual(["queued", "isolated", "closing"]);
  expect(after(endedAt)).toBe(120 + 3600);
});

test("follows a device that stays offline for as long as Defender tries, and then says that it was not isolated", () => {
  const threeDays = 3 * 86_400;
  const timedOut = anIsolation({ status: "TimeOut", errorHResult: -2145844840 });
  // The run looks up every two hours, to tell the alerts that have joined.
  const gaveUp = (wait: number) => (wait < 38 ? undefined : { after: { minutes: 90 }, news: timedOut });
  const { result, endedAt } = play(containDevice, input, script, gaveUp);

  expect(result).toMatchObject({
    outcome: "not-isolated",
    words: "Not isolated: Isolate ended as TimeOut (0x80190198)",
  });
  expect(after(endedAt)).toBeGreaterThan(threeDays);
});

const otherAlerts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ alertId: `da${from + index}_1`, place: from + index }));
const opener = { alertId: ALERT_ID, place: 1 };

test("tells every alert that joined what came of the device, and the ticket how many they are", () => {
  const { result, steps } = play(
    containDevice,
    input,
    { ...script, takeJoinedAlerts: () => ({ alerts: [opener, ...otherAlerts(2, 151)], hasMore: false }) },
    confirmed(),
  );

  expect(result).toMatchObject({ joinedAlerts: 150 });
  const told = inputsOf(steps, "commentOnAlerts") as { alertIds: string[]; comment: string }[];
  expect(told.map(({ alertIds }) => alertIds.length)).toEqual([100, 50]);
  expect(told.flatMap(({ alertIds }) => alertIds)).not.toContain(ALERT_ID);
  expect(told[0]?.comment).toMatch(/^Isolated\. Package .* stored/);
  expect(inputsOf(steps, "addTicketNote")).toContainEqual({
    key: "joined-151",
    text: "150 more alert(s) of this device joined.",
  });
});

test("takes in an alert that joins while the run is about to end", () => {
  const { result, steps } = play(
    containDevice,
    input,
    {
      ...script,
      takeJoinedAlerts: ({ after }: { after: number }) => ({
        alerts: after === 0 ? [opener] : otherAlerts(2, 2),
        hasMore: false,
      }),
      closeCase: ({ seen }: { seen: number }) => ({ closed: seen === 2 }),
    },
    confirmed(),
  );

  expect(result).toMatchObject({ joinedAlerts: 1 });
  expect(inputsOf(steps, "commentOnAlerts")).toMatchObject([{ alertIds: ["da2_1"] }]);
});

test("tells alerts that join a device that is away that its isolation is queued", () => {
  const backAfterHours = (wait: number) =>
    wait < 4 ? undefined : { after: { hours: 1 }, news: anIsolation({ status: "Succeeded" }) };
  let joined = 1;
  const { steps } = play(
    containDevice,
    input,
    {
      ...script,
      takeJoinedAlerts: ({ after }: { after: number }) => ({
        alerts: [opener, ...otherAlerts(2, ++joined)].filter(({ place }) => place > after),
        hasMore: false,
      }),
    },
    backAfterHours,
  );

  const told = inputsOf(steps, "commentOnAlerts") as { alertIds: string[]; comment: string }[];
  expect(told.slice(0, 3).map(({ alertIds }) => alertIds)).toEqual([["da2_1"], ["da3_1"], ["da4_1"]]);
  expect(told[0]?.comment).toContain("Isolation is queued, device offline");
  expect(told.at(-1)).toMatchObject({ alertIds: ["da2_1", "da3_1", "da4_1", "da5_1"] });
});

test("takes in alerts of the device until none has come for a while, and makes sure each time that it is isolated", () => {
  let closings = 0;
  const { result, steps, endedAt } = play(
    containDevice,
    { ...input, joinMinutes: 10 },
    {
      ...script,
      isolateMachine: (_, times) => (times === 0 ? anIsolation() : anIsolation({ status: "Succeeded" })),
      takeJoinedAlerts: ({ after }: { after: number }) => ({
        alerts: after === 0 ? [opener] : otherAlerts(after + 1, after + 1),
        hasMore: false,
      }),
      closeCase: () => ({ closed: ++closings === 3 }),
    },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", joinedAlerts: 2 });
  expect(inputsOf(steps, "isolateMachine")).toHaveLength(3);
  expect(inputsOf(steps, "collectInvestigationPackage")).toHaveLength(1);
  expect(inputsOf(steps, "commentOnAlerts")).toMatchObject([{ alertIds: ["da2_1"] }, { alertIds: ["da3_1"] }]);
  expect(after(endedAt)).toBeGreaterThanOrEqual(3 * 600);
});

test("says when it ends whether the device may be contained, as only then a cool-down begins", () => {
  const closedAs = (isolateMachine: Script[string], told?: ReturnType<typeof confirmed>) =>
    inputOf(play(containDevice, input, { ...script, isolateMachine }, told).steps, "closeCase");
  const refused = () => {
    throw new PermanentError("PolicyDenied", "dc-01 is a critical asset");
  };

  expect(closedAs(() => anIsolation(), confirmed())).toMatchObject({ contained: true });
  expect(closedAs(() => anIsolation())).toMatchObject({ contained: true });
  expect(closedAs(refused)).toMatchObject({ contained: false });
});

test("a device that alerts never leave alone gets its next run after a day, and its case stays open for that", () => {
  const { result, steps, endedAt } = play(
    containDevice,
    { ...input, joinMinutes: 60 },
    {
      ...script,
      isolateMachine: (_, times) => (times === 0 ? anIsolation() : anIsolation({ status: "Succeeded" })),
      takeJoinedAlerts: ({ after }: { after: number }) => ({
        alerts: after === 0 ? [opener] : otherAlerts(after + 1, after + 1),
        hasMore: false,
      }),
      closeCase: () => ({ closed: false }),
    },
    confirmed(),
  );

  expect(after(endedAt)).toBeGreaterThan(86_400);
  expect(after(endedAt)).toBeLessThan(86_400 + 2 * 3_600);
  expect(result).toMatchObject({ outcome: "isolated", joinedAlerts: 25 });
  expect(inputsOf(steps, "commentOnAlerts")).toHaveLength(25);
});

test("an alert that only another product knows keeps none of the others from being told", () => {
  const foreign = "da77_1";
  const { result, steps } = play(
    containDevice,
    input,
    {
      ...script,
      takeJoinedAlerts: () => ({ alerts: [opener, ...otherAlerts(2, 101)], hasMore: false }),
      commentOnAlerts: ({ alertIds }: { alertIds: string[] }) => {
        if (alertIds.includes(foreign)) throw new PermanentError("ResourceNotFound", "an alert is not there");
        return { written: true };
      },
    },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", joinedAlerts: 100 });
  const asked = inputsOf(steps, "commentOnAlerts") as { alertIds: string[]; key: string }[];
  const told = asked.filter(({ alertIds }) => !alertIds.includes(foreign)).flatMap(({ alertIds }) => alertIds);
  expect(told.sort()).toEqual(
    otherAlerts(2, 101)
      .map(({ alertId }) => alertId)
      .filter((id) => id !== foreign)
      .sort(),
  );
  // Each comment is known by its key: two that are told apart must not share one.
  expect(new Set(asked.map(({ key }) => key)).size).toBe(asked.length);
  expect(asked.length).toBeLessThan(20);
});

test("ends at once where nobody could join, as nobody's alert started it", () => {
  const { endedAt } = play(
    containDevice,
    { machineId: MACHINE_ID },
    { ...script, takeJoinedAlerts: () => ({ alerts: [], hasMore: false }) },
    confirmed(),
  );

  expect(after(endedAt)).toBeLessThan(120);
});

test("never calls an isolation done that Defender has not confirmed", () => {
  const { result } = play(containDevice, input, script);

  expect(result).toMatchObject({
    outcome: "unconfirmed",
    words: "Isolation was requested but never confirmed, last seen as Pending",
  });
});

test("looks by itself when Defender lists the action no longer, and goes on waiting while it is open", () => {
  const lost = (wait: number) => (wait < 3 ? { after: { seconds: 10 }, news: null } : confirmed()());
  const { result, steps } = play(
    containDevice,
    { ...input, queuedAfterSeconds: 600 },
    { ...script, getMachineAction: () => null },
    lost,
  );

  expect(result).toMatchObject({ outcome: "isolated" });
  expect(inputsOf(steps, "watchMachineAction").map((watch) => (watch as { event: string }).event)).toEqual([
    "news-1",
    "news-2",
    "news-3",
  ]);
});

test("believes its own last look when nobody told it in time", () => {
  const { result } = play(containDevice, input, {
    ...script,
    getMachineAction: () => anIsolation({ status: "Succeeded" }),
  });

  expect(result).toMatchObject({ outcome: "isolated" });
});

test("stays isolated when the package cannot be had, and says why", () => {
  const { result, steps } = play(
    containDevice,
    input,
    {
      ...script,
      collectInvestigationPackage: () => {
        throw new PermanentError("OsPlatformNotSupported", "not on this system");
      },
    },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", package: undefined });
  expect(inputOf(steps, "addTicketNote")).toMatchObject({
    text: expect.stringContaining("No package: not on this system."),
  });
});

test("opens a ticket also for a device that Defender does not know", () => {
  const unknown = () => {
    throw new PermanentError("ResourceNotFound", "no such machine");
  };
  const { result } = play(containDevice, input, {
    ...script,
    getMachine: unknown,
    isolateMachine: unknown,
    listLoggedOnUsers: unknown,
  });

  expect(result).toMatchObject({ outcome: "not-isolated", machineName: MACHINE_ID, ticketId: "SEC-1" });
});

test("ends well when the alert cannot take the comment", () => {
  const { result } = play(
    containDevice,
    input,
    {
      ...script,
      updateAlert: () => {
        throw new PermanentError("ResourceNotFound", "no such alert");
      },
    },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", alertUpdated: false });
});

test("refuses a machine name where an id belongs", () => {
  expect(() => play(containDevice, { ...input, machineId: "fin-laptop-07" }, script)).toThrow(/machine id/);
});

const unavailable = () => {
  throw new PermanentError("Unavailable", "no answer");
};
const waiting = () => {
  throw new PermanentError("Waiting", "The release is InProgress");
};
const superseded = () => {
  throw new PermanentError("Superseded", "released since");
};

test("follows an isolation through an outage of Defender", () => {
  const { result, endedAt } = play(containDevice, input, {
    ...script,
    getMachineAction: (_, times) => (times < 20 ? unavailable() : anIsolation({ status: "Succeeded" })),
  });

  expect(result).toMatchObject({ outcome: "isolated" });
  expect(after(endedAt)).toBeGreaterThan(4 * 3600);
});

test("claims nothing when Defender refuses to tell to the end", () => {
  const { result } = play(containDevice, input, {
    ...script,
    getMachineAction: () => {
      throw new PermanentError("Forbidden", "role missing");
    },
  });

  expect(result).toMatchObject({ outcome: "unconfirmed" });
});

test("contains the device also when no ticket can be opened, and says so on the alert", () => {
  const { result, steps } = play(
    containDevice,
    input,
    {
      ...script,
      openTicket: unavailable,
      addTicketNote: unavailable,
    },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", ticketId: undefined });
  expect(inputsOf(steps, "updateAlert").at(-1)).toMatchObject({
    comment: expect.stringContaining("No ticket could be opened yet."),
  });
});

test("says that the isolation was there before, when it adopted that of somebody else", () => {
  const { result } = play(containDevice, input, {
    ...script,
    isolateMachine: () =>
      anIsolation({
        status: "Succeeded",
        requestorComment: "by hand",
        scope: "Selective",
        creationDateTimeUtc: "2026-01-04T10:00:00Z",
      }),
  });

  expect(result).toMatchObject({
    words: "Isolated (Selective) by a request of 2026-01-04T10:00:00Z that was there before",
  });
});

test("shares a ticket with the other containments of the incident, which it learns from the alert", () => {
  const incidentOf = (given: object, getAlert: () => unknown) =>
    inputOf(play(containDevice, { ...input, tenantId: "t-1", ...given }, { ...script, getAlert }).steps, "openTicket");

  expect(incidentOf({}, () => anAlert({ incidentId: 1126093 }))).toMatchObject({ incident: "t-1:1126093" });
  expect(incidentOf({ incidentId: "7" }, () => anAlert({ incidentId: 8 }))).toMatchObject({ incident: "t-1:7" });
  expect(incidentOf({}, () => null)).toHaveProperty("incident", undefined);
  expect(incidentOf({}, unavailable)).toHaveProperty("incident", undefined);
});

test("cuts a title that is too long instead of refusing the alert", () => {
  const { steps } = play(containDevice, { ...input, alertTitle: "x".repeat(5_000) }, script);

  expect((inputOf(steps, "openTicket") as { title: string }).title.length).toBeLessThan(300);
});

test("does not say that a device is not isolated while nobody knows, and asks again after the outage", () => {
  const { result, steps } = play(containDevice, input, {
    ...script,
    isolateMachine: (_, times) => (times < 4 ? unavailable() : anIsolation({ status: "Succeeded" })),
  });

  const told = "It is not known whether the isolation was requested: no answer. It is tried again.";
  expect(inputOf(steps, "openTicket")).toMatchObject({ description: expect.stringContaining(told) });
  expect(result).toMatchObject({ outcome: "isolated", words: "Isolated" });
});

test("says what an isolation waits for, and asks again for as long as it must", () => {
  const { result, steps } = play(containDevice, input, {
    ...script,
    isolateMachine: (_, times) => (times < 3 ? waiting() : anIsolation({ status: "Succeeded" })),
  });

  const told = "Not isolated yet: The release is InProgress. It is tried again.";
  expect(inputOf(steps, "openTicket")).toMatchObject({ description: expect.stringContaining(told) });
  expect(result).toMatchObject({ outcome: "isolated" });
});

test("asks for an isolation late only as of when it was wanted first, so that a release since then stands", () => {
  const { result, steps } = play(containDevice, input, {
    ...script,
    isolateMachine: (_, times) => (times < 4 ? unavailable() : superseded()),
  });

  const asked = inputsOf(steps, "isolateMachine") as { askedAt: string }[];
  expect(new Set(asked.map(({ askedAt }) => askedAt))).toEqual(new Set([startedAt.toISOString()]));
  expect(result).toMatchObject({ outcome: "not-isolated", words: "Not isolated: released since" });
});

test("claims nothing about an isolation that stays unanswered for a day", () => {
  const { result } = play(containDevice, input, { ...script, isolateMachine: unavailable });

  expect(result).toMatchObject({
    outcome: "unconfirmed",
    words: "It is not known whether the isolation was requested: no answer",
  });
});

test("says on the ticket that the alert could not be told", () => {
  const { steps } = play(containDevice, input, { ...script, updateAlert: unavailable }, confirmed());

  expect(inputOf(steps, "addTicketNote")).toMatchObject({
    text: expect.stringContaining("The alert could not be told."),
  });
});

const refused = (code: string, words: string) => () => {
  throw new PermanentError(code, words);
};

test("says on the ticket who declined and why, and asks nobody to decide again", () => {
  const { steps } = play(containDevice, input, {
    ...script,
    isolateMachine: refused("Declined", "declined by ada: payroll runs tonight"),
  });
  const { description } = inputOf(steps, "openTicket") as { description: string };
  expect(description).toContain("Not isolated: declined by ada: payroll runs tonight.");
  expect(description).not.toContain("A person must decide");
});

test("a ticket system that is down for an hour gets its ticket and the whole truth after that, and the alert is told", () => {
  const downFor = (times: number) => (_: never, asked: number) => (asked < times ? unavailable() : { id: "SEC-1" });
  const { result, steps } = play(
    containDevice,
    input,
    { ...script, openTicket: downFor(4), addTicketNote: downFor(3) },
    confirmed(),
  );

  expect(result).toMatchObject({ outcome: "isolated", ticketId: "SEC-1" });
  const names = steps.map(({ name }) => name);
  expect(names[0]).toBe("isolateMachine");
  expect(names.indexOf("closeCase")).toBeLessThan(names.lastIndexOf("openTicket"));
  expect(inputsOf(steps, "addTicketNote").at(-1)).toMatchObject({ text: expect.stringMatching(/^Isolated\. Package/) });
  expect(inputsOf(steps, "updateAlert")).toMatchObject([
    { key: "isolated" },
    { key: "closing", comment: expect.stringContaining("No ticket could be opened yet.") },
    { key: "ticket", comment: "Ticket SEC-1 is open now." },
  ]);
});

test("a device that is away for days gets its ticket as soon as the ticket system is there again", () => {
  const back = (wait: number) =>
    wait < 20 ? undefined : { after: { hours: 1 }, news: anIsolation({ status: "Succeeded" }) };
  const { steps } = play(
    containDevice,
    input,
    { ...script, openTicket: (_, times) => (times < 2 ? unavailable() : { id: "SEC-1" }) },
    back,
  );
  const opening = steps.findLastIndex(({ name }) => name === "openTicket");
  expect(steps.slice(opening).filter(({ name }) => name === "watchMachineAction").length).toBeGreaterThan(10);
});

test.each([
  ["a device that is not isolated has its ticket opened again", refused("PolicyDenied", "critical"), ["open"], 1],
  ["an isolated device stays so, and the ticket says it", () => anIsolation(), [], 2],
])("where people have closed the ticket meanwhile, %s", (_, isolateMachine, statuses, notes) => {
  const { steps } = play(
    containDevice,
    input,
    {
      ...script,
      isolateMachine,
      addTicketNote: () => ({ id: "SEC-1", status: "closed" }),
      setTicketStatus: ({ status }: { status: string }) => ({ id: "SEC-1", status }),
    },
    confirmed(),
  );
  expect(inputsOf(steps, "setTicketStatus").map((set) => (set as { status: string }).status)).toEqual(statuses);
  expect(inputsOf(steps, "addTicketNote")).toHaveLength(notes);
});

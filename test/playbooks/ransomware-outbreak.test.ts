import { expect, test } from "vitest";
import { ransomwareOutbreak } from "../../functions/playbooks/ransomware-outbreak.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID, anAlert } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const idOf = (number: number) => number.toString(16).padStart(40, "0");
const machines = (count: number) => Array.from({ length: count }, (_, index) => idOf(index + 1));
const SHA256 = "ab".repeat(32);
const CAP = "Not isolated: Within an hour no more than 2 machines may be contained";
const CRITICAL = "Not isolated: dc-01 is a critical asset (tagged vip)";

interface Started {
  machineIds: string[];
  round: number;
}

const under = (words: string) => ({ state: "under-way", words });
const ended = (outcome: string, words: string) => ({ state: "ended", outcome, words });
const isolated = ended("isolated", "Isolated");

/** Containments that go as `goes` says, by machine (its number) and by how often its run was looked at. */
function outbreak(goes: (machine: number, looks: number, round: number) => object = () => isolated): Script {
  const looks = new Map<string, number>();
  return {
    startContainments: ({ machineIds, round }: Started) => ({
      runs: machineIds.map((machineId) => ({ machineId, runId: `${machineId}/${round}`, joined: false })),
    }),
    readRuns: ({ runIds, onlyEnded }: { runIds: string[]; onlyEnded: boolean }) => {
      const runs = runIds.map((runId) => {
        const [machine = "", round] = runId.split("/");
        looks.set(runId, (looks.get(runId) ?? 0) + 1);
        return {
          runId,
          ...(goes(Number.parseInt(machine, 16), looks.get(runId) ?? 0, Number(round)) as { state: string }),
        };
      });
      return { runs: onlyEnded ? runs.filter(({ state }) => state === "ended") : runs };
    },
    getAlert: () => anAlert({ incidentId: 7 }),
    openTicket: () => ({ id: "SEC-1" }),
    addTicketNote: () => ({ id: "SEC-1" }),
    updateAlert: () => ({ written: true }),
  };
}

const wavesOf = (steps: { name: string; input: unknown }[]) =>
  steps.filter(({ name }) => name === "startContainments").map(({ input }) => (input as Started).machineIds.length);

test("contains devices wave by wave, with a tally of each on one ticket, and says on the alert how it ended", () => {
  const { result, steps } = play(
    ransomwareOutbreak,
    { machineIds: machines(3), waveSize: 2, alertId: ALERT_ID },
    outbreak(),
  );

  expect(wavesOf(steps)).toEqual([2, 1]);
  expect(texts(steps, "addTicketNote")).toEqual([
    "Wave 1, 2 device(s): 2 contained. In all: 2 contained; 1 not started.",
    "Wave 2, 1 device(s): 1 contained. In all: 3 contained.",
    "Of 3 device(s): 3 contained. Ticket SEC-1.",
  ]);
  expect(texts(steps, "updateAlert")).toEqual(["Of 3 device(s): 3 contained. Ticket SEC-1."]);
  expect(result).toMatchObject({ outcome: "done", ticketId: "SEC-1" });
  const { containments } = result as { containments: object[] };
  expect(containments[2]).toEqual({ machineId: idOf(3), fate: "contained", runId: `${idOf(3)}/2`, joined: false });
  const started = steps.find(({ name }) => name === "startContainments")?.input;
  expect(started).toMatchObject({ with: { incidentId: "7", isolationType: "Full" } });
});

test("leaves a machine that is in containment already to the run that has it in its care", () => {
  const script = {
    ...outbreak(),
    startContainments: () => ({ runs: [{ machineId: idOf(1), runId: "run-of-intake", joined: true }] }),
  };
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(1) }, script);

  expect(steps.find(({ name }) => name === "readRuns")?.input).toMatchObject({ runIds: ["run-of-intake"] });
  expect(result).toMatchObject({ containments: [{ runId: "run-of-intake", joined: true }] });
});

test("says which devices are away and who waits for people, does not hold the waves up, and follows them to their ends", () => {
  const script = outbreak((machine, looks) => {
    if (machine === 1) return looks === 1 ? under("queued, device offline") : isolated;
    if (machine === 2 && looks === 1) return under("waiting for approval until 2026-01-05T13:00:00Z: isolate dc-01");
    if (machine === 2) return ended("not-isolated", "Not isolated: declined by ada: needed for the restore");
    return isolated;
  });
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(3), waveSize: 2 }, script);

  expect(texts(steps, "addTicketNote")[0]).toMatch(
    /^Wave 1, 2 device\(s\): 1 queued, device offline; 1 waiting for a person\./,
  );
  expect(wavesOf(steps)).toEqual([2, 1]);
  expect(result).toMatchObject({ outcome: "partly-done" });
  expect(texts(steps, "addTicketNote").at(-1)).toBe(
    `Of 3 device(s): 2 contained; 1 refused, a person must decide. Not contained: ${idOf(2)}: Not isolated: declined by ada: needed for the restore. Ticket SEC-1.`,
  );
});

test("leaves a critical asset to people, and goes on with the rest", () => {
  const script = outbreak((machine) => (machine === 1 ? ended("not-isolated", CRITICAL) : isolated));
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(2), waveSize: 1 }, script);

  expect(wavesOf(steps)).toEqual([1, 1]);
  expect((result as { words: string }).words).toBe(
    `Of 2 device(s): 1 contained; 1 refused, a person must decide. Not contained: ${idOf(1)}: ${CRITICAL}.`,
  );
});

test("waits for the next hour where a cap is reached, and tries again those it left out", () => {
  const script = outbreak((machine, _, round) => (round === 1 && machine > 2 ? ended("not-isolated", CAP) : isolated));
  const { result, steps, endedAt } = play(ransomwareOutbreak, { machineIds: machines(4) }, script);

  expect(wavesOf(steps)).toEqual([4, 2]);
  expect(texts(steps, "addTicketNote")[0]).toContain("2 contained; 2 not contained, as the hour's cap is reached");
  expect(result).toMatchObject({ outcome: "done" });
  expect(endedAt.getTime() - startedAt.getTime()).toBe((2 + 61 + 2) * 60_000);
});

test("goes on with devices of other groups where the cap of one device group is reached", () => {
  const words = "Not isolated: Within an hour no more than 1 machine of the device group Sales may be contained";
  const script = outbreak((machine, _, round) =>
    round === 1 && machine === 1 ? ended("not-isolated", words) : isolated,
  );
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(3), waveSize: 1 }, script);

  const order = steps
    .filter(({ name }) => name === "startContainments")
    .map(({ input }) => (input as Started).machineIds);
  expect(order).toEqual([[idOf(1)], [idOf(2)], [idOf(3)], [idOf(1)]]);
  expect(result).toMatchObject({ outcome: "done" });
});

test("gives up on a cap that does not let devices through in time, and says so", () => {
  const script = outbreak((machine) => (machine > 1 ? ended("not-isolated", CAP) : isolated));
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(2), giveUpAfterHours: 3 }, script);

  expect(wavesOf(steps)).toEqual([2, 1, 1]);
  expect(result).toMatchObject({ outcome: "partly-done" });
  expect((result as { words: string }).words).toContain("1 not contained, as the hour's cap is reached");
});

test.each([
  "The circuit breaker is open since 2026-01-05T09:01:00Z: 3 of 10 containments failed",
  "The kill switch is on since 2026-01-05T09:01:00Z, turned on by ada: wrong list",
])("starts no further wave, and says why: %s", (why) => {
  const script = outbreak((machine) => (machine === 2 ? ended("not-isolated", `Not isolated: ${why}`) : isolated));
  const { result, steps } = play(
    ransomwareOutbreak,
    { machineIds: machines(4), waveSize: 2, alertId: ALERT_ID },
    script,
  );

  expect(wavesOf(steps)).toEqual([2]);
  expect(result).toMatchObject({ outcome: "stopped" });
  expect(texts(steps, "updateAlert")[0]).toBe(
    `No further wave was started: ${why}. 1 contained; 1 stopped by circuit breaker or kill switch; 2 not started.`,
  );
});

test("goes on with the next wave where one cannot be started, and tells the truth about it", () => {
  const { startContainments, ...script } = outbreak();
  const starting = (input: never, times: number) => {
    if (times === 0) throw new PermanentError("BadRequest", "storage said no");
    return startContainments?.(input, times);
  };
  const input = { machineIds: machines(2), waveSize: 1 };
  const { result } = play(ransomwareOutbreak, input, { ...script, startContainments: starting });

  expect(result).toMatchObject({ outcome: "partly-done" });
  expect((result as { words: string }).words).toContain(`1 failed. Not contained: ${idOf(1)}: storage said no.`);
});

test("says that it would contain the devices, where it only pretends", () => {
  const script = { ...outbreak(), startContainments: () => ({ runs: [] }) };
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(2) }, script);

  expect(result).toMatchObject({ outcome: "done", words: "Of 2 device(s): 2 would be contained." });
  expect(steps.map(({ name }) => name)).not.toContain("readRuns");
});

test("contains the devices on which hunting has seen the file, each once, and has the file blocked first", () => {
  const script = {
    ...outbreak(),
    startBlockFile: () => ({ runId: idOf(2) }),
    runHuntingQuery: () => ({ columns: [], rows: [{ DeviceId: idOf(1) }, { DeviceId: idOf(2) }], hasMore: false }),
  };
  const { result, steps } = play(
    ransomwareOutbreak,
    { machineIds: machines(1), sha256: SHA256.toUpperCase(), blockFile: true },
    script,
  );

  const names = steps.map(({ name }) => name);
  expect(names.indexOf("startBlockFile")).toBeLessThan(names.indexOf("startContainments"));
  expect(steps.find(({ name }) => name === "runHuntingQuery")?.input).toMatchObject({
    query: expect.stringContaining(`SHA256 == "${SHA256}"`),
  });
  expect(wavesOf(steps)).toEqual([2]);
  expect(result).toMatchObject({ outcome: "done", blockRunId: idOf(2) });
});

test("contains none where there are more devices than it takes, and asks for the first ones by name", () => {
  const rows = machines(501).map((DeviceId) => ({ DeviceId }));
  const script = { ...outbreak(), runHuntingQuery: () => ({ columns: [], rows, hasMore: false }) };
  const { result, steps } = play(ransomwareOutbreak, { sha256: SHA256 }, script);

  expect(wavesOf(steps)).toEqual([]);
  expect(result).toMatchObject({
    outcome: "failed",
    words: expect.stringContaining("There are more than 500 devices"),
  });
  expect(ransomwareOutbreak.input.safeParse({ machineIds: machines(501) }).success).toBe(false);
  expect(ransomwareOutbreak.input.safeParse({}).error?.issues[0]?.message).toBe(
    "name devices, or a file by its SHA-256",
  );
});

test("500 devices that are all away for days leave a history of less than a megabyte", () => {
  const script = outbreak(() => under("queued, device offline"));
  let characters = 0;
  const weighed = Object.entries(script).map(([name, answer]) => {
    const weigh = (input: never, times: number) => {
      const output = answer(input, times);
      characters += JSON.stringify({ input, output }).length;
      return output;
    };
    return [name, weigh] as const;
  });
  const { result, steps } = play(ransomwareOutbreak, { machineIds: machines(500) }, Object.fromEntries(weighed));

  const perStep = 1_500;
  expect(characters + JSON.stringify(result).length + steps.length * perStep).toBeLessThan(1_000_000);
  expect(wavesOf(steps)).toHaveLength(50);
  expect(result).toMatchObject({ outcome: "failed", words: expect.stringContaining("500 queued, device offline") });
});

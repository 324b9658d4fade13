import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import type { CaseKey, Joined } from "../../../shared/cases/case.ts";
import { createTableCaseStore } from "../../../shared/cases/table-case-store.ts";
import { AlertId } from "../../../shared/defender/alerts/alert.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import type { RunState } from "../../../shared/runs/run-control.ts";
import { createLazyTable } from "../../../shared/storage/lazy-table.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const key: CaseKey = {
  tenantId: "t-1",
  machineId: MachineId.parse(MACHINE_ID),
  playbook: "contain-device",
  mode: "act",
};
const alert = (number: number) => ({ alertId: AlertId.parse(`da${number}_1`), title: `Alert ${number}` });
const alerts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => alert(from + index));

/** Cases in a table of their own, with runs that go on until they are said to have ended, and a clock. */
function caseBook(name: string) {
  const client = TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
  const ended = new Set<string>();
  const started = new Set<string>();
  let now = Date.parse("2026-01-05T09:00:00Z");
  const cases = createTableCaseStore(createLazyTable(client), () => new Date(now));
  const stateOf = async (runId: string): Promise<RunState> =>
    ended.has(runId) ? "ended" : started.has(runId) ? "under-way" : "absent";
  return {
    cases,
    end: (runId: string) => void ended.add(runId),
    pass: (ms: number) => {
      now += ms;
    },
    async join(
      list: ReturnType<typeof alerts>,
      options: { coolDownMs?: number; isMild?: boolean; start?: boolean; key?: CaseKey } = {},
    ) {
      const { coolDownMs, isMild } = options;
      const joined = await cases.join(options.key ?? key, list, { coolDownMs, isMild, stateOf });
      if (options.start !== false) for (const { runId } of joined) started.add(runId);
      return joined;
    },
  };
}

const [runOf, stateOf] = [(joined: Joined[]) => joined[0]?.runId ?? "", (joined: Joined[]) => joined[0]?.state];

test("opens one case for a machine, and lets later alerts join it", async () => {
  const { join, cases } = caseBook("joins");

  const first = await join(alerts(1, 1));
  const second = await join(alerts(2, 3));

  expect([stateOf(first), stateOf(second)]).toEqual(["opened", "joined"]);
  expect(runOf(second)).toBe(runOf(first));
  expect(await cases.alertsOf(key, runOf(first), 0)).toMatchObject([
    { alertId: "da1_1", title: "Alert 1", place: 1 },
    { alertId: "da2_1", place: 2 },
    { alertId: "da3_1", place: 3 },
  ]);
});

test("links each alert once, however often and by how many at once it is brought", async () => {
  const { join, cases } = caseBook("storm");

  const joined = await Promise.all([1, 2, 3, 4].map(() => join(alerts(1, 250))));

  const runs = new Set(joined.flat().map(({ runId }) => runId));
  expect(runs.size).toBe(1);
  const linked = await cases.alertsOf(key, [...runs][0] ?? "", 0);
  expect(linked.map(({ place }) => place)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  expect(new Set(linked.map(({ alertId }) => alertId)).size).toBe(250);
});

test("keeps machines, playbooks, tenants and pretended runs apart", async () => {
  const { join } = caseBook("apart");
  const others: Partial<CaseKey>[] = [
    {},
    { machineId: MachineId.parse("ab".repeat(20)) },
    { playbook: "scan-device" },
    { tenantId: "t-2" },
    { mode: "shadow" },
  ];

  const joined = await Promise.all(others.map((other) => join(alerts(1, 1), { key: { ...key, ...other } })));
  expect(new Set(joined.map(runOf)).size).toBe(others.length);
});

test("closes a case only when its run has seen every alert, and opens the next one after that", async () => {
  const { join, cases } = caseBook("closing");
  const runId = runOf(await join(alerts(1, 1)));
  await join(alerts(2, 2));

  expect(await cases.close(key, runId, { seen: 1, contained: true })).toEqual({
    isClosed: false,
    latestAt: "2026-01-05T09:00:00.000Z",
  });
  expect(await cases.close(key, runId, { seen: 2, contained: true })).toEqual({ isClosed: true });
  expect(await cases.close(key, runId, { seen: 2, contained: true })).toEqual({ isClosed: true });

  const next = await join(alerts(3, 3));
  expect(stateOf(next)).toBe("opened");
  expect(runOf(next)).not.toBe(runId);
});

test("loses no alert that comes while the case is being closed", async () => {
  const { join, cases } = caseBook("race");
  const runId = runOf(await join(alerts(1, 1)));

  const [{ isClosed }, ...joined] = await Promise.all([
    cases.close(key, runId, { seen: 1, contained: true }),
    ...alerts(2, 6).map((one) => join([one])),
  ]);

  const inOldCase = (await cases.alertsOf(key, runId, 0)).length;
  expect(isClosed ? inOldCase : inOldCase > 1).toBe(isClosed ? 1 : true);
  const cared = await Promise.all([...new Set([runId, ...joined.map(runOf)])].map((id) => cases.alertsOf(key, id, 0)));
  expect(
    cared
      .flat()
      .map(({ alertId }) => alertId)
      .sort(),
  ).toEqual(alerts(1, 6).map(({ alertId }) => alertId));
});

test("has whoever brings the alert again start a run that its opener did not live to start", async () => {
  const { join } = caseBook("orphan");
  const first = await join(alerts(1, 1), { start: false });

  expect(await join(alerts(1, 1), { start: false })).toEqual(first);
  const other = await join(alerts(2, 2));
  expect(other).toMatchObject([{ state: "opened", runId: runOf(first) }]);
});

test("gives nothing into the care of a run that failed or was ended by force, and its alerts to the next one", async () => {
  const { join, end, cases } = caseBook("ended");
  const first = runOf(await join(alerts(1, 2)));
  end(first);

  const next = await join(alerts(3, 3));
  expect(stateOf(next)).toBe("opened");
  expect(runOf(next)).not.toBe(first);
  expect((await cases.alertsOf(key, runOf(next), 0)).map(({ alertId, place }) => [alertId, place])).toEqual([
    ["da1_1", 1],
    ["da2_1", 2],
    ["da3_1", 3],
  ]);
  expect(await cases.close(key, runOf(next), { seen: 3, contained: true })).toEqual({ isClosed: true });
});

test("starts nothing new while a machine cools down, and links the alert to the case that has ended", async () => {
  const { join, cases, pass } = caseBook("cooling");
  const runId = runOf(await join(alerts(1, 1)));
  await cases.close(key, runId, { seen: 1, contained: true });
  pass(3_600_000);

  const coolDownMs = 4 * 3_600_000;
  expect(await join(alerts(2, 2), { coolDownMs })).toMatchObject([
    { runId, state: "cooling", coolUntil: "2026-01-05T13:00:00.000Z" },
  ]);
  pass(4 * 3_600_000);
  expect(stateOf(await join(alerts(3, 3), { coolDownMs }))).toBe("opened");
  expect(await cases.alertsOf(key, runId, 1)).toMatchObject([{ alertId: "da2_1", place: 2 }]);
});

test("lets the next alert open a case at once where the run before has contained nothing", async () => {
  const { join, cases, pass } = caseBook("vain");
  const runId = runOf(await join(alerts(1, 1)));
  await cases.close(key, runId, { seen: 1, contained: false });
  pass(60_000);

  const next = await join(alerts(2, 2), { coolDownMs: 4 * 3_600_000 });
  expect(stateOf(next)).toBe("opened");
  expect(runOf(next)).not.toBe(runId);
});

test("has the next run take over the case, with its alerts, where an alert asks for more than the run under way", async () => {
  const { join, cases, pass } = caseBook("stricter");
  const mild = runOf(await join(alerts(1, 2), { isMild: true }));
  expect(runOf(await join(alerts(3, 3), { isMild: true }))).toBe(mild);

  const strict = await join(alerts(4, 4));
  expect(stateOf(strict)).toBe("opened");
  expect(runOf(strict)).not.toBe(mild);
  expect((await cases.alertsOf(key, runOf(strict), 0)).map(({ alertId }) => alertId)).toEqual(
    alerts(1, 4).map(({ alertId }) => alertId),
  );
  // The one before has lost the case, and goes its way; who asks for less joins the stricter one.
  expect(await cases.close(key, mild, { seen: 3, contained: true })).toEqual({ isClosed: true });
  expect(runOf(await join(alerts(5, 5), { isMild: true }))).toBe(runOf(strict));

  await cases.close(key, runOf(strict), { seen: 5, contained: true });
  const coolDownMs = 4 * 3_600_000;
  pass(60_000);
  expect(stateOf(await join(alerts(6, 6), { coolDownMs }))).toBe("cooling");
});

test("a cool-down after a milder containment does not hold up one that asks for more", async () => {
  const { join, cases } = caseBook("outdone");
  const runId = runOf(await join(alerts(1, 1), { isMild: true }));
  await cases.close(key, runId, { seen: 1, contained: true });

  const coolDownMs = 4 * 3_600_000;
  expect(stateOf(await join(alerts(2, 2), { coolDownMs, isMild: true }))).toBe("cooling");
  expect(stateOf(await join(alerts(3, 3), { coolDownMs }))).toBe("opened");
});

test("has whoever brings the alert again start a run that took over a case, should its opener not have lived to", async () => {
  const { join, end } = caseBook("heir");
  end(runOf(await join(alerts(1, 2))));
  const heir = await join(alerts(3, 3), { start: false });

  expect(await join(alerts(3, 3), { start: false })).toEqual(heir);
  expect(stateOf(heir)).toBe("opened");
});

import { odata } from "@azure/data-tables";
import { caseRunId } from "../runs/run-id.ts";
import { type LazyTable, MOST_CHANGES } from "../storage/lazy-table.ts";
import type { CaseAlert, CaseKey, CaseStore, Joined, JoinOptions, LinkedAlert } from "./case.ts";

/** The newest case of a key. Earlier ones live on in the alerts they were given. */
interface CaseRow {
  runId: string;
  /** Goes up with each case of the key, so that each has a run of its own. */
  generation: number;
  isOpen: boolean;
  changedAt: string;
  /** How many alerts it has been given, with those it has inherited. */
  alerts: number;
  /** Whether its run asks for less than it could; absent in cases that were opened before this was kept. */
  isMild?: boolean;
  /** Whether its run has ended without anything contained. */
  isVain?: boolean;
  /** The run that was ended by force, or outdone, before, whose alerts are in its care now; and those whose alerts that one had. */
  inherits: string;
}

type Read<T> = T & { etag: string };
type LinkRow = LinkedAlert & { linkedAt: string; isOpener?: boolean };

const CASE_ROW = "case";
const linkKey = (alertId: string): string => `alert:${alertId}`;
const partitionOf = ({ tenantId, machineId, playbook, mode }: CaseKey): string =>
  [tenantId, machineId, playbook, ...(mode === "act" ? [] : [mode])].join(":");

/** Beside the links stands the case itself. */
const MOST_LINKS = MOST_CHANGES - 1;

/** Instances that bring alerts of one machine at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 100;

/**
 * Cases in table storage, a partition for each key: one row for the case and one for each alert. An alert is linked in the
 * same transaction that counts it in the case, so a run that closes its case by that count has seen every alert.
 */
export function createTableCaseStore(table: LazyTable, now: () => Date = () => new Date()): CaseStore {
  const linksOf = (partitionKey: string, alerts: readonly CaseAlert[]) =>
    Promise.all(alerts.map(({ alertId }) => table.get<LinkRow>(partitionKey, linkKey(alertId))));

  /** @returns nothing when somebody else was first: then it has to be looked again */
  async function link(
    key: CaseKey,
    alerts: readonly CaseAlert[],
    { coolDownMs = 0, isMild = false, stateOf }: JoinOptions,
  ): Promise<Joined | undefined> {
    const partitionKey = partitionOf(key);
    const at = now();
    const linkedAt = at.toISOString();
    const latest = await table.get<CaseRow>(partitionKey, CASE_ROW);
    const state = latest?.isOpen ? await stateOf(latest.runId) : undefined;
    const isOutdone = latest?.isMild === true && !isMild;
    const isOpen = !isOutdone && (state === "absent" || state === "under-way");

    // Who wins the race to open a case decides its run's id, so that the loser's attempt starts nothing.
    const generation = (latest?.generation ?? 0) + (isOpen ? 0 : 1);
    const coolUntil = latest && !isOpen ? new Date(Date.parse(latest.changedAt) + coolDownMs) : undefined;
    const isCooling = coolUntil !== undefined && !latest?.isOpen && !latest?.isVain && !isOutdone && coolUntil > at;
    const runId = latest && (isOpen || isCooling) ? latest.runId : caseRunId(key, generation);
    // A run that failed, or was ended by force, has told its alerts nothing more: the next one takes care of them. So it
    // does of those whose run asks for less: they are told what came of the rest.
    const isTakenOver = latest?.isOpen === true && !isOpen;
    const inherits = isTakenOver ? [latest.runId, ...namesIn(latest.inherits)].join(" ") : "";
    const isSame = latest !== undefined && (isOpen || isCooling);
    const before = latest && (isSame || inherits !== "") ? latest.alerts : 0;

    const count = before + alerts.length;
    const kept = isSame ? latest.inherits : inherits;
    const mild = isSame ? latest.isMild : isMild;
    const opening = {
      ...{ runId, generation, isOpen: true, alerts: count, changedAt: linkedAt, inherits: kept },
      ...(mild !== undefined && { isMild: mild }),
    };
    const row = isCooling && latest ? { ...plain(latest), alerts: count } : opening;
    const links = alerts.map(({ alertId, title, severity }, index) => {
      const known = { ...(title !== undefined && { title }), ...(severity !== undefined && { severity }) };
      const place = before + index + 1;
      const isOpener = !isSame && index === 0;
      return {
        insert: { partitionKey, rowKey: linkKey(alertId), alertId, ...known, runId, place, linkedAt, isOpener },
      };
    });
    const caseRow = { partitionKey, rowKey: CASE_ROW, ...row };
    const change = latest ? { replace: caseRow, etag: latest.etag } : { insert: caseRow };
    if (!(await table.change([change, ...links]))) return undefined;

    if (isCooling) return { runId, state: "cooling", alerts: [...alerts], coolUntil: coolUntil.toISOString() };
    // Whoever opened the case may have died before it started the run.
    return { runId, state: isOpen && state === "under-way" ? "joined" : "opened", alerts: [...alerts] };
  }

  return {
    async join(key, alerts, options) {
      const partitionKey = partitionOf(key);
      const joined: Joined[] = [];
      let left = [...new Map(alerts.map((alert) => [alert.alertId, alert])).values()];
      for (let round = 0; left.length > 0; round++) {
        if (round === MOST_ROUNDS) throw new Error(`The case of machine ${key.machineId} is changed too often`);
        const next = left.slice(0, MOST_LINKS);
        const links = await linksOf(partitionKey, next);
        joined.push(...links.flatMap((link) => (link ? [toJoined(link)] : [])));
        const some = next.filter((_, index) => !links[index]);
        left = [...some, ...left.slice(next.length)];
        const linked = some.length > 0 ? await link(key, some, options) : undefined;
        if (!linked) continue;
        joined.push(linked);
        left = left.slice(some.length);
        round = 0;
      }
      return byRun(joined);
    },

    async openRun(key) {
      const latest = await table.get<CaseRow>(partitionOf(key), CASE_ROW);
      return latest?.isOpen ? { runId: latest.runId, isMild: latest.isMild ?? false } : undefined;
    },

    async alertsOf(key, runId, after) {
      const latest = await table.get<CaseRow>(partitionOf(key), CASE_ROW);
      const inherited = latest?.runId === runId ? namesIn(latest.inherits) : [];
      const ofRuns = [runId, ...inherited].map((id) => odata`runId eq ${id}`).join(" or ");
      const where = `(${ofRuns}) and ${odata`place gt ${after}`}`;
      const rows = await table.ofPartition<LinkRow>(partitionOf(key), { prefix: "alert:", where });
      return rows
        .map(({ alertId, title, severity, place }) => ({ alertId, title, severity, runId, place }))
        .sort((a, b) => a.place - b.place);
    },

    async close(key, runId, { seen, contained }) {
      const partitionKey = partitionOf(key);
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const latest = await table.get<CaseRow>(partitionKey, CASE_ROW);
        // A run that was asked for by hand has no case; a run that was thought dead has lost it to the next.
        if (latest?.runId !== runId || !latest.isOpen) return { isClosed: true };
        if (latest.alerts > seen) return { isClosed: false, latestAt: latest.changedAt };
        const closed = { ...plain(latest), isOpen: false, isVain: !contained, changedAt: now().toISOString() };
        const row = { partitionKey, rowKey: CASE_ROW, ...closed };
        if (await table.change([{ replace: row, etag: latest.etag }])) return { isClosed: true };
      }
      throw new Error(`The case of machine ${key.machineId} is changed too often to be closed`);
    },
  };
}

const plain = ({ runId, generation, isOpen, alerts, changedAt, inherits, isMild, isVain }: Read<CaseRow>): CaseRow => ({
  ...{ runId, generation, isOpen, alerts, changedAt, inherits },
  ...(isMild !== undefined && { isMild }),
  ...(isVain !== undefined && { isVain }),
});

const namesIn = (inherits: string): string[] => (inherits === "" ? [] : inherits.split(" ").slice(0, MOST_INHERITED));

/** A machine whose runs fail again and again: the alerts of the last few are enough. */
const MOST_INHERITED = 10;

/** Who brings again the alert that opened the case starts its run, should that not have been done. */
const toJoined = ({ alertId, title, severity, runId, place, isOpener = place === 1 }: LinkRow): Joined => {
  return { runId, state: isOpener ? "opened" : "joined", alerts: [{ alertId, title, severity }] };
};

/** One entry for each run, as opened where any of its alerts opened it. */
function byRun(joined: readonly Joined[]): Joined[] {
  const runs = new Map<string, Joined>();
  for (const one of joined) {
    const known = runs.get(one.runId);
    const state = one.state === "opened" || known?.state === "opened" ? "opened" : one.state;
    runs.set(one.runId, { ...known, ...one, state, alerts: [...(known?.alerts ?? []), ...one.alerts] });
  }
  return [...runs.values()];
}

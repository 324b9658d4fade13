import { strict as assert } from "node:assert";
import { AlertFacts } from "../../shared/intake/alert-facts.ts";
import { type AlertBatch, readAlerts } from "../../shared/intake/read-alerts.ts";
import type { FuzzMessage } from "./messages.ts";

/** What came of one message that was read as it must be. */
export interface Checked {
  /** Records that were read or rejected. */
  records: number;
  rejected: number;
  alerts: number;
  /** How long reading took. */
  ms: number;
}

/** No message may hold up the others for longer, on a busy machine either. */
export const MOST_MS = 5_000;

const inherited = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));

/**
 * Reads a message and looks whether what came of it is right, whatever the message.
 *
 * @throws AssertionError with what is wrong
 */
export function checkMessage({ body, isSound }: FuzzMessage): Checked {
  const start = performance.now();
  const batch = readAlerts([body], { sources: ["hub/0/1"] });
  const ms = performance.now() - start;

  assert.ok(ms < MOST_MS, `reading took ${Math.round(ms)} ms`);
  assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), inherited, "a prototype was changed");
  const rejected = checkAccounts(body, batch);
  if (isSound) assert.equal(rejected, 0, `a good record was rejected: ${batch.rejected[0]?.reasons[0]}`);
  batch.alerts.forEach(checkFacts);
  const read = recordsRead(batch);
  return { records: read + rejected, rejected, alerts: batch.alerts.length, ms };
}

const recordsRead = ({ counts }: AlertBatch): number =>
  Object.values(counts.classes).reduce((total, count) => total + count, 0);

/** Every record was read or rejected, and what was rejected is kept as it came. @returns how many were rejected */
function checkAccounts(body: FuzzMessage["body"], batch: AlertBatch): number {
  const { counts, alerts, rejected } = batch;
  assert.ok(rejected.length <= 1, "one message became several dead letters");
  const [letter] = rejected;
  const reasons = letter?.reasons ?? [];
  if (letter) {
    const isKept = typeof body === "string" || body instanceof Uint8Array;
    assert.deepEqual(letter.body, isKept ? body : JSON.stringify(body), "the dead letter is not the message");
    assert.ok(
      reasons.length > 0 && JSON.stringify(reasons).length < 50_000,
      "a dead letter has too few or too many words",
    );
    for (const reason of reasons)
      assert.match(reason, /^(?:The message|The record|Record \d+: The record|and \d+ more)/);
  }

  const isAsAWhole = reasons[0]?.startsWith("The message") ?? false;
  const more = Number(/^and (\d+) more$/.exec(reasons.at(-1) ?? "")?.[1] ?? 0);
  const rejectedRecords = more > 0 ? reasons.length - 1 + more : reasons.length;
  const read = recordsRead(batch);
  assert.equal(counts.alertRecords + counts.passedBy + counts.unknown, read, "the counts do not agree");
  assert.ok(alerts.length <= counts.alertRecords, "there are more alerts than records");
  assert.equal(alerts.length > 0, counts.alertRecords > 0, "records of alerts and no alert");
  if (isAsAWhole) assert.equal(read, 0, "a message was rejected and read");
  else assert.equal(read + rejectedRecords, entriesIn(body), "a record was neither read nor rejected, or both");
  return rejectedRecords;
}

/** How many records a message has that can be read as JSON, counted in the plainest way. */
function entriesIn(body: FuzzMessage["body"]): number {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  let value: unknown = typeof text === "string" ? JSON.parse(text.replace(/^\uFEFF/, "")) : text;
  if (typeof value === "string") value = JSON.parse(value.replace(/^\uFEFF/, ""));
  if (Array.isArray(value)) return value.length;
  const isWrapped = typeof value === "object" && value !== null && Object.hasOwn(value, "records");
  return isWrapped ? (value as { records: unknown[] }).records.length : 1;
}

const limits = { title: 200, severity: 32, serviceSource: 128, detectionSource: 128, publishedAt: 64 } as const;
const unprintable = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** The facts are as they are stored, within all limits, and nothing in them can harm a log, a key or an address. */
function checkFacts(facts: AlertFacts): void {
  const stored = JSON.stringify(facts);
  assert.equal(JSON.stringify(AlertFacts.parse(JSON.parse(stored))), stored, "the facts change when they are stored");
  assert.match(facts.tenantId, /^[a-z0-9][a-z0-9-]{0,63}$/);
  assert.match(facts.alertId, /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
  for (const [name, most] of Object.entries(limits)) {
    const text = facts[name as keyof typeof limits];
    assert.ok(text === undefined || (text !== "" && text.length <= most), `${name} is empty or too long`);
  }
  const texts = [...Object.keys(limits).map((name) => facts[name as keyof typeof limits] ?? "")];
  for (const text of [...texts, ...facts.categories, ...facts.users, ...facts.techniques]) {
    assert.ok(text.isWellFormed() && !unprintable.test(text), "a text is no printable line");
  }
  for (const technique of facts.techniques) assert.match(technique, /^T\d{4}(?:\.\d{3})?$/);
  for (const id of [...facts.machineIds, ...facts.relatedMachineIds])
    assert.match(id, /^[0-9a-f]{32}(?:[0-9a-f]{8})?$/);
  for (const id of facts.impactedMachineIds) assert.ok(facts.machineIds.includes(id), "impacted and not hit");
}

import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { HOLD_ISOLATION } from "../../shared/leases/keep-lease.ts";
import { isOver, type Lease } from "../../shared/leases/lease.ts";
import { attempt, definePlaybook, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { notify } from "../activities/notify.ts";
import { readIsolation } from "../activities/read-isolation.ts";
import { readLease } from "../activities/read-lease.ts";
import { settleLease } from "../activities/settle-lease.ts";
import { waitForLease } from "../activities/wait-for-lease.ts";
import { releaseAndFollow } from "./release.ts";
import { tellOfIsolation } from "./tell-of-isolation.ts";

/** What has changed is read again. */
const News = z.unknown();

/** Between two looks at a device whose isolation nobody changes: whether somebody has released it in Defender. */
const LONGEST_LEG: Duration = { days: 1 };

/** A lease that cannot be read or waited for is looked at again. */
const AFTER_OUTAGE: Duration = { minutes: 5 };

/** Between two tries to release a device, growing; and after how long nothing but a person can help. */
const FIRST_PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
const GIVEN_UP: Duration = { days: 14 };

/**
 * Sees to the end of one isolation: waits until it, releases the device, and keeps trying where that fails, with a note
 * on the ticket each time; people are paged the first time and the last. A run is told when the end is moved, or when
 * somebody wants the device released now. A release in Defender's portal ends the isolation too; at one without an end the
 * run looks once. All whom the isolation concerns are told.
 */
export const holdIsolation = definePlaybook({
  name: HOLD_ISOLATION,
  version: 2,
  summary: "Releases an isolated device at the end of its time.",
  input: z.object({ machineId: MachineId, tenantId: z.string().optional() }),

  *steps(run, { machineId }) {
    const due = yield* untilDue(run, machineId);
    if ("words" in due) return due;
    return yield* releaseAtLast(run, due.lease);
  },
});

interface Held {
  outcome: "released" | "ended" | "given-up";
  words: string;
}

/** Waits until the device is to be released, or until there is nothing left to wait for. */
function* untilDue(run: Run, machineId: MachineId): Steps<Held | { lease: Lease }> {
  for (;;) {
    const lease = yield* attempt(run.step(readLease, { machineId }));
    if (lease instanceof StepFailed) {
      yield* run.sleep(AFTER_OUTAGE);
      continue;
    }
    if (lease === null || isOver(lease) || lease.holdRunId !== run.id) {
      return { outcome: "ended", words: lease?.ending ?? "Nothing is left to hold" };
    }
    const isolation = yield* attempt(run.step(readIsolation, { machineId }));
    if (!(isolation instanceof StepFailed) && isolation.state === "released") {
      return yield* endAsReleased(run, lease, `Released in Defender by ${isolation.by ?? "somebody"}`);
    }
    if (lease.state === "releasing") return { lease };
    if (!lease.until) {
      const left = yield* attempt(run.step(settleLease, { machineId, to: "left" }));
      if (left instanceof StepFailed) yield* run.sleep(AFTER_OUTAGE);
      else if (left.settled) return { outcome: "ended", words: "The isolation has no end" };
      continue;
    }
    const leftMs = Date.parse(lease.until) - run.now().getTime();
    if (leftMs <= 0) {
      const due = yield* attempt(run.step(settleLease, { machineId, to: "releasing" }));
      if (due instanceof StepFailed) yield* run.sleep(AFTER_OUTAGE);
      continue;
    }
    run.report(`isolated until ${lease.until}`);
    const { revision } = lease;
    const leg = { seconds: Math.min(leftMs, toMilliseconds(LONGEST_LEG)) / 1000 };
    const told = yield* attempt(
      run.waitFor(News, leg, (event) => run.step(waitForLease, { machineId, event, revision })),
    );
    if (told instanceof StepFailed) yield* run.sleep(AFTER_OUTAGE);
  }
}

/** Releases the device, again and again where that fails. */
function* releaseAtLast(run: Run, lease: Lease): Steps<Held> {
  const { machineId } = lease;
  const why = lease.reason ?? "the end of its isolation has come";
  const deadline = run.now().getTime() + toMilliseconds(GIVEN_UP);
  let pauseMs = FIRST_PAUSE_MS;
  for (let round = 1; ; round++) {
    const release = yield* releaseAndFollow(run, {
      machineId,
      comment: `Released: ${why}`,
      onQueued: (words) => tellOfIsolation(run, lease, { key: `queued-${round}`, words, isPassing: round > 1 }),
    });
    if (release.outcome === "released") return yield* endAsReleased(run, lease, `${release.words}, as ${why}`);

    const isLast = run.now().getTime() >= deadline;
    const next = isLast ? "Nothing more is tried: a person must release it" : "It is tried again";
    const words = `${release.words}. The isolation should have ended, as ${why}. ${next}.`;
    run.report(words);
    const isPassing = round > 1 && !isLast;
    yield* tellOfIsolation(run, lease, { key: `not-released-${round}`, words, isAlarm: true, isPassing });
    if (!isPassing) yield* page(run, lease, `not-released-${round}`, words);
    if (isLast) return { outcome: "given-up", words };
    yield* run.sleep({ seconds: pauseMs / 1000 });
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);

    const now = yield* attempt(run.step(readLease, { machineId }));
    if (!(now instanceof StepFailed) && (now === null || isOver(now) || now.holdRunId !== run.id)) {
      return { outcome: "ended", words: now?.ending ?? "Nothing is left to hold" };
    }
    const isolation = yield* attempt(run.step(readIsolation, { machineId }));
    if (!(isolation instanceof StepFailed) && isolation.state === "released") {
      return yield* endAsReleased(run, lease, `Released in Defender by ${isolation.by ?? "somebody"}`);
    }
  }
}

/** Tells people over their channels that a device is still cut off. */
function* page(run: Run, { machineId, alertId, runId }: Lease, key: string, text: string): Steps<void> {
  const facts = [
    { name: "Device id", value: machineId },
    ...(alertId ? [{ name: "Alert id", value: alertId }] : []),
    { name: "Run", value: runId },
  ];
  const title = `Not released: device ${machineId}`;
  yield* attempt(run.step(notify, { key, event: "leaseReleaseFailed", severity: "High", title, text, facts }));
}

function* endAsReleased(run: Run, lease: Lease, words: string): Steps<Held> {
  const { machineId, runId } = lease;
  yield* overOutages(run, () => run.step(settleLease, { machineId, to: "ended", ending: words, ofRun: runId }));
  run.report(words);
  yield* tellOfIsolation(run, lease, { key: "released", words: `${words}.` });
  return { outcome: "released", words };
}

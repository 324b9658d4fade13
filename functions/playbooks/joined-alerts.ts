import type { z } from "zod";
import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import type { CaseOfRun } from "../activities/case-of-run.ts";
import { closeCase } from "../activities/close-case.ts";
import { commentOnAlerts, MOST_ALERTS } from "../activities/comment-on-alerts.ts";
import { takeJoinedAlerts } from "../activities/take-joined-alerts.ts";
import { noteOnTicket } from "./containment.ts";

/** What a run came to. */
export interface Ending {
  /** For people. */
  words: string;
  /** Whether the machine may have been contained: only then a cool-down begins. */
  contained: boolean;
}

/** The alerts that join a run while it is under way. */
export interface JoinedAlerts {
  /** Tells the alerts that have joined since where the run stands, and notes them on the ticket. */
  tell(words: string): Steps<void>;
  /**
   * Tells all of them how it ended, and takes in further ones until none has come for a while.
   *
   * @param again makes sure of it once more for alerts that came until `askedAt`, as the machine may have been released
   * before, and says what it came to
   * @returns how many joined
   */
  end(ending: Ending, options: { quiet: Duration; again(askedAt: string): Steps<Ending> }): Steps<number>;
}

/** A machine that alerts never leave alone gets a new run once a day, as histories must not grow for ever. */
const LONGEST: Duration = { hours: 24 };

/**
 * @param ofRun which case the run has in its care
 * @param alertId the alert that opened it, which the run tells by itself
 */
export function joinedAlerts(
  run: Run,
  ofRun: { tenantId: string; machineId: MachineId; playbook: string },
  alertId: AlertId | undefined,
): JoinedAlerts {
  const inCare = { ...ofRun, mode: run.mode };
  let seen = 0;
  let told = 0;

  const tellThose = (after: number, key: string, words: string): Steps<number> =>
    tellAlertsInCare(run, inCare, { except: alertId, after, key, words });

  function* noteNew(until: number): Steps<void> {
    const joined = until - Math.max(seen, 1);
    if (joined > 0) yield* noteOnTicket(run, `joined-${until}`, `${joined} more alert(s) of this device joined.`);
    seen = until;
  }

  return {
    *tell(words) {
      yield* noteNew(yield* tellThose(seen, `joined-${++told}`, words));
    },
    *end({ words, contained }, { quiet, again }) {
      const startedAt = run.now().getTime();
      let mayBeContained = contained;
      yield* noteNew(yield* tellThose(0, "ended", words));
      for (let round = 1; ; round++) {
        const isLong = run.now().getTime() - startedAt > toMilliseconds(LONGEST);
        // Its case stays open: the next alert starts the next run, which takes care of those that have not been told.
        if (isLong) return Math.max(0, seen - 1);
        // A run that was asked for by hand has no case that alerts could join.
        if (seen > 0 && toMilliseconds(quiet) > 0) yield* run.sleep(quiet);
        const closing = yield* overOutages(run, () =>
          run.step(closeCase, { ...inCare, seen, contained: mayBeContained }),
        );
        if (closing instanceof StepFailed) throw closing;
        if (closing.closed) return Math.max(0, seen - 1);
        // Who joins while the others are told is told as well: the case closes when all have been.
        const ending = yield* again(closing.latestAt ?? run.now().toISOString());
        mayBeContained ||= ending.contained;
        yield* noteNew(yield* tellThose(seen, `again-${round}`, ending.words));
      }
    },
  };
}

/**
 * Tells the alerts in the care of a run that came after a place, each once for each key.
 *
 * @param inCare which case it is, and of which run, where that is another one
 * @returns the place of the last of them
 * @throws StepFailed when they cannot be read
 */
export function* tellAlertsInCare(
  run: Run,
  inCare: z.input<typeof CaseOfRun> & { ofRun?: string },
  { except, after, key, words }: { except: AlertId | undefined; after: number; key: string; words: string },
): Steps<number> {
  for (let place = after; ; ) {
    const taken = yield* overOutages(run, () => run.step(takeJoinedAlerts, { ...inCare, after: place }));
    if (taken instanceof StepFailed) throw taken;
    const last = taken.alerts.at(-1)?.place ?? place;
    const others = taken.alerts.map((alert) => alert.alertId).filter((id) => id !== except);
    for (let first = 0; first < others.length; first += MOST_ALERTS) {
      const alertIds = others.slice(first, first + MOST_ALERTS);
      yield* tellAll(run, alertIds, `${key}-${place}-${first}`, words);
    }
    place = last;
    if (!taken.hasMore) return place;
  }
}

/** Defender may refuse many alerts for one that it does not have, as another product's: then the others are told apart. */
function* tellAll(run: Run, alertIds: AlertId[], key: string, comment: string): Steps<void> {
  const told = yield* attempt(run.step(commentOnAlerts, { alertIds, key, comment }));
  if (!(told instanceof StepFailed) || told.code !== "ResourceNotFound" || alertIds.length < 2) return;
  const half = Math.ceil(alertIds.length / 2);
  yield* tellAll(run, alertIds.slice(0, half), `${key}a`, comment);
  yield* tellAll(run, alertIds.slice(half), `${key}b`, comment);
}

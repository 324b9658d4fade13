import type { z } from "zod";
import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps, waitUntil } from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { commentOnGraphAlert } from "../activities/comment-on-graph-alert.ts";
import { getAlert } from "../activities/get-alert.ts";
import { getGraphAlert } from "../activities/get-graph-alert.ts";
import { openTicket } from "../activities/open-ticket.ts";

/** The activities it takes to open a ticket and to tell it and an alert of whichever product. */
export const TELLING_ANY: readonly Activity[] = [getAlert, openTicket, addTicketNote, commentOnGraphAlert];

/** An alert may be streamed a little before Defender shows it. */
export const UNTIL_SHOWN = { pace: { first: { seconds: 5 }, factor: 2, most: { minutes: 2 } }, atMost: { minutes: 5 } };

export type AnyAlert = NonNullable<z.output<typeof getGraphAlert.output>>;

/** Reads the alert of whichever product; `null` where Graph does not show it within some minutes. */
export const readAnyAlert = (run: Run, alertId: AlertId): Steps<AnyAlert | StepFailed | null> =>
  waitUntil(
    run,
    () => overOutages(run, () => run.step(getGraphAlert, { alertId })),
    (seen) => seen !== null,
    UNTIL_SHOWN,
  );

/** Comments on the alert of whichever product, if there is one. */
export function* commentOnAnyAlert(
  run: Run,
  alertId: AlertId | undefined,
  key: string,
  comment: string,
): Steps<boolean> {
  if (!alertId) return false;
  const commented = yield* attempt(run.step(commentOnGraphAlert, { alertId, key, comment }));
  return !(commented instanceof StepFailed);
}

import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { getAlert } from "../activities/get-alert.ts";
import { openTicket } from "../activities/open-ticket.ts";
import { updateAlert } from "../activities/update-alert.ts";
import { commentOnAlert, noteOnTicket } from "./containment.ts";

/** The activities it takes to open a ticket and to tell it and the alert. */
export const TELLING: readonly Activity[] = [getAlert, openTicket, addTicketNote, updateAlert];

/** What may stand in the key of a ticket. */
const KeyText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/);

const LONGEST_TITLE = 200;

/** Of where a run stands; its outcome and its ticket have the whole. */
const LONGEST_REPORT = 500;

/** What runbooks take of the alert they are about. Automation rules fill it in. */
export const aboutAlert = {
  tenantId: KeyText.optional().describe("Entra tenant the alert belongs to"),
  alertId: AlertId.optional().describe("Alert to comment on; leave out where there is none"),
  incidentId: KeyText.optional().describe("Its runs share a ticket; read from the alert if left out"),
  alertTitle: z
    .string()
    .transform((title) => oneLine(title, LONGEST_TITLE))
    .optional()
    .describe("Stands in the title of the ticket"),
  severity: z.string().max(32).default("High").describe("Of the alert, and of the ticket"),
  reason: z.string().min(1).max(500).optional().describe("Why, for people who see it in Defender"),
};
export type AboutAlert = z.output<z.ZodObject<typeof aboutAlert>>;

/** What a run is for, in words. */
export const describeAbout = ({ alertId, reason }: AboutAlert): string =>
  `${alertId ? `alert ${alertId}` : "a request without an alert"}${reason ? `: ${reason}` : ""}`;

/** The ticket of a run, and the alert beside it. A system that is down holds nothing up. */
export interface TicketOfRun {
  /** Absent where none could be opened. */
  id: string | undefined;
  /** Says on ticket and alert where the run stands. */
  tell(key: string, words: string): Steps<void>;
  /** Says on ticket and alert how it ended, and on each what could not be said on the other. */
  close(words: string): Steps<{ ticketId: string | undefined; alertUpdated: boolean }>;
}

/**
 * Opens the ticket of the run, or has it share that of the incident.
 *
 * @param comment how the alert is told
 */
export function* openTicketOfRun(
  run: Run,
  about: AboutAlert,
  { title, lines }: { title: string; lines: readonly string[] },
  comment: typeof commentOnAlert = commentOnAlert,
): Steps<TicketOfRun> {
  const { alertId, alertTitle, severity } = about;
  const opened = yield* attempt(
    run.step(openTicket, {
      title: `${severity}: ${title}${alertTitle ? ` (${alertTitle})` : ""}`,
      description: lines.join("\n"),
      severity,
      incident: yield* incidentOf(run, about),
    }),
  );
  const id = opened instanceof StepFailed ? undefined : opened.id;

  return {
    id,
    *tell(key, words) {
      yield* noteOnTicket(run, key, words);
      yield* comment(run, alertId, key, words);
    },
    *close(words) {
      run.report(oneLine(words, LONGEST_REPORT));
      const closing = `${words} ${id ? `Ticket ${id}.` : "No ticket could be opened."}`;
      const alertUpdated = yield* comment(run, alertId, "closing", closing);
      const isUntold = alertId !== undefined && !alertUpdated;
      yield* noteOnTicket(run, "closing", isUntold ? `${closing} The alert could not be told.` : closing);
      return { ticketId: id, alertUpdated };
    },
  };
}

/** Tenant and id of the incident that the alert belongs to, where it can be read. */
export function* incidentOf(
  run: Run,
  { tenantId = "home", alertId, incidentId }: Pick<Partial<AboutAlert>, "tenantId" | "alertId" | "incidentId">,
): Steps<string | undefined> {
  const alert = alertId && !incidentId ? yield* attempt(run.step(getAlert, { alertId })) : undefined;
  const id = incidentId ?? (alert instanceof StepFailed ? undefined : alert?.incidentId);
  return id === null || id === undefined ? undefined : `${tenantId}:${id}`;
}

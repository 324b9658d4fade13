import { createHash } from "node:crypto";
import { z } from "zod";
import type { DeadLetter } from "../dead-letters/dead-letter-store.ts";
import { Alert, AlertId } from "../defender/alerts/alert.ts";
import { messageOf } from "../errors.ts";
import { parseExactJson } from "../exact-json.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { factsOfAlert } from "./facts-of-alert.ts";
import type { ReadAlerts } from "./take-in.ts";

/** Where alerts come from that were listed: the beginning of their dead letters. */
export const ALERTS_API = "alerts-api";

/** Whether a dead letter of this source holds an alert as the alerts API gives it, and not a message of the stream. */
export const isListedAlert = (source: string): boolean => /^alerts-api\/[^/]+$/.test(source);

/** Reads one alert of the alerts API, or a page of them as it answers, `{"value": [...]}`. Never throws. */
export function readListedMessage(body: Uint8Array | string, tenantId: string): ReadAlerts {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  try {
    const message = parseExactJson(text);
    const page = (message as { value?: unknown } | null)?.value;
    return readListedAlerts(Array.isArray(page) ? page : [message], tenantId);
  } catch (error) {
    return { alerts: [], rejected: [{ source: ALERTS_API, reasons: [`The message ${messageOf(error)}`], body }] };
  }
}

/**
 * Reads alerts as the alerts API lists them. Never throws: what cannot be read is rejected with a reason.
 *
 * @param tenantId of alerts that name none
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts
 */
export function readListedAlerts(rows: readonly unknown[], tenantId: string): ReadAlerts {
  const alerts: AlertFacts[] = [];
  const rejected: DeadLetter[] = [];
  for (const row of rows) {
    try {
      const alert = Alert.parse(row);
      alerts.push(factsOfAlert(alert, alert.aadTenantId || tenantId));
    } catch (error) {
      rejected.push(toDeadLetter(row, error));
    }
  }
  return { alerts, rejected };
}

/** Named by the alert, or by what it says where its id is none. */
function toDeadLetter(row: unknown, error: unknown): DeadLetter {
  const body = JSON.stringify(row);
  const id = AlertId.safeParse((row as { id?: unknown } | null)?.id).data;
  const name = id ?? createHash("sha256").update(body).digest("hex").slice(0, 40);
  const faults = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
  return { source: `${ALERTS_API}/${name}`, reasons: [`The alert cannot be used: ${faults}`], body };
}

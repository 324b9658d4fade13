import { z } from "zod";
import { Alert } from "../../shared/defender/alerts/alert.ts";
import { messageOf } from "../../shared/errors.ts";
import { type AlertFacts, mergeFacts } from "../../shared/intake/alert-facts.ts";
import { factsOfAlert } from "../../shared/intake/facts-of-alert.ts";
import { readAlerts } from "../../shared/intake/read-alerts.ts";
import { jsonIn, rowsIn } from "./read-json.ts";

/** What a file says of alerts, and what in it could not be used, each with its place and reason. */
export interface AlertFile {
  alerts: AlertFacts[];
  rejected: string[];
}

/**
 * Reads alerts in any of the forms in which Defender gives them out: streamed records and messages with records, one per
 * line or the file as a whole, and alerts of the alerts API, as a saved answer or one per line.
 *
 * @param file for the reasons of what is rejected
 */
export function readAlertFile(text: string, file: string): AlertFile {
  const isWhole = jsonIn(text) !== undefined;
  const parts = isWhole ? [{ text, where: file }] : linesOf(text, file);
  const read = parts.map(({ text, where }) => ofApi(text, where) ?? ofStream(text, where));
  return {
    alerts: mergeFacts(read.flatMap(({ alerts }) => alerts)),
    rejected: read.flatMap(({ rejected }) => rejected),
  };
}

const linesOf = (text: string, file: string) =>
  text
    .split("\n")
    .map((line, index) => ({ text: line.trim(), where: `${file}:${index + 1}` }))
    .filter(({ text }) => text !== "");

function ofStream(text: string, where: string): AlertFile {
  const { alerts, rejected } = readAlerts([text], { sources: [where] });
  return { alerts, rejected: rejected.flatMap(({ source, reasons }) => reasons.map((one) => `${source}: ${one}`)) };
}

/** The alerts of the API in a text; nothing when it is something else. */
function ofApi(text: string, where: string): AlertFile | undefined {
  const rows = rowsIn(jsonIn(text));
  return rows.length > 0 && rows.every(isOfApi) ? readApiAlerts(rows, where) : undefined;
}

/**
 * Reads alerts as the alerts API gives them.
 *
 * @param tenantId of those that do not name theirs
 */
export function readApiAlerts(rows: readonly unknown[], where: string, tenantId = "unknown"): AlertFile {
  const read: AlertFile = { alerts: [], rejected: [] };
  for (const [index, row] of rows.entries()) {
    try {
      const alert = Alert.parse(row);
      read.alerts.push(factsOfAlert(alert, alert.aadTenantId ?? tenantId));
    } catch (error) {
      read.rejected.push(`${where}: Alert ${index}: ${reasonOf(error)}`);
    }
  }
  return read;
}

/** An alert of the API has its id at the top, where a streamed record has its row in `properties`. */
const isOfApi = (row: object): boolean => Object.hasOwn(row, "id") && !Object.hasOwn(row, "properties");

const reasonOf = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
    : messageOf(error);

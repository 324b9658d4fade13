import type { DeadLetterStore, KeptLetter } from "../../shared/dead-letters/dead-letter-store.ts";
import { readAlerts } from "../../shared/intake/read-alerts.ts";
import { isListedAlert, readListedMessage } from "../../shared/intake/read-listed-alerts.ts";
import type { Api, IntakeOptions, TakenIn } from "../api.ts";

/** What became of a dead letter. */
export interface Replayed {
  source: string;
  /** How many alerts were in it; nothing where there is no such letter. */
  alerts?: number;
  /** What intake did with them; nothing in a dry run. */
  admitted?: Pick<TakenIn, "started" | "joined" | "duplicates">;
  /** Why it stays; empty when it is gone. */
  reasons: string[];
}

interface Replay extends IntakeOptions {
  letters: DeadLetterStore;
  api: Pick<Api, "takeIn">;
  /** Only looks whether the letter could be used now. */
  isDry?: boolean;
}

/**
 * Has a dead letter taken in again, and removes it when nothing of it is rejected any more; else it stays, with the
 * reasons of today. Safe to repeat: alerts that were taken in are known.
 *
 * @throws Error when the app cannot be reached or cannot take it in; the letter stays as it is
 */
export async function replayLetter(source: string, { letters, api, isDry, ...options }: Replay): Promise<Replayed> {
  const letter = await letters.get(source);
  if (!letter) return { source, reasons: ["there is no such dead letter"] };
  if (isDry) return { source, ...look(letter) };

  const { alerts, rejected, ...admitted } = await api.takeIn(letter.body, {
    ...options,
    isListed: isListedAlert(source),
  });
  if (rejected.length === 0) await letters.remove(source);
  else await letters.keep({ source, reasons: rejected, body: letter.body });
  return { source, alerts, admitted, reasons: rejected };
}

/** In place of the app's own, which only the app knows. */
const ANY_TENANT = "home";

function look({ source, body }: KeptLetter): Pick<Replayed, "alerts" | "reasons"> {
  const { alerts, rejected } = isListedAlert(source)
    ? readListedMessage(body, ANY_TENANT)
    : readAlerts([body], { sources: [source] });
  return { alerts: alerts.length, reasons: rejected.flatMap(({ reasons }) => reasons) };
}

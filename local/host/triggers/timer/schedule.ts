import { CronExpressionParser } from "cron-parser";
import { parseTimeSpan } from "../../time-span.ts";

export interface Schedule {
  /** The first occurrence after a time. */
  after(time: Date): Date;
}

/** NCRONTAB has numbers, names of months and days, lists, ranges and steps; the library knows more, Azure does not. */
const entry = /(\*|(\d+|[a-z]{3})(-(\d+|[a-z]{3}))?)(\/\d+)?/.source;
const field = new RegExp(`^${entry}(,${entry})*$`, "i");

/** Occurrences on both a date and a weekday are rare, but within this many dates there is one or there is none. */
const longestSearch = 5000;

/**
 * Reads the schedule of a timer trigger: NCRONTAB (`sec min hour day month weekday`, the seconds may be left out) or a
 * duration between runs such as `"00:05:00"`.
 *
 * @param timeZone such as `Europe/Berlin`; UTC without one
 * @throws Error when it is neither or never occurs
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function parseSchedule(text: string, timeZone = "UTC"): Schedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined) {
    if (interval < 1000) throw new Error(`the schedule "${text}" is shorter than a second`);
    return { after: (time) => new Date(time.getTime() + interval) };
  }
  const fields = text.trim().split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || !fields.every((part) => field.test(part))) {
    throw new Error(`the schedule "${text}" is neither NCRONTAB (sec min hour day month weekday) nor a duration`);
  }
  const schedule = cron(fields.length === 5 ? `0 ${fields.join(" ")}` : fields.join(" "), timeZone);
  try {
    schedule.after(new Date());
  } catch (error) {
    throw new Error(`the schedule "${text}" cannot be used: ${error instanceof Error ? error.message : error}`);
  }
  return schedule;
}

function cron(expression: string, timeZone: string): Schedule {
  return {
    after(time) {
      const occurrences = CronExpressionParser.parse(expression, { currentDate: time, tz: timeZone });
      const { dayOfMonth, dayOfWeek } = occurrences.fields;
      const weekdays: unknown[] = dayOfWeek.values;
      const dates: unknown[] = dayOfMonth.values;
      for (let tries = 0; tries < longestSearch; tries++) {
        const next = occurrences.next();
        // Where day and weekday are both given, NCRONTAB wants both to fit; cron, and so the library, wants either.
        const isBoth = dates.includes(next.getDate()) && weekdays.includes(next.getDay());
        if (isBoth || dayOfMonth.isWildcard || dayOfWeek.isWildcard) return next.toDate();
      }
      throw new Error("no date fits it");
    },
  };
}

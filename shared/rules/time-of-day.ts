import { z } from "zod";

/** Monday first. */
export const Weekday = z.enum(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]);
export type Weekday = z.infer<typeof Weekday>;

const Clock = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time has the form "08:30", from "00:00" to "24:00"');

const TimeZone = z
  .string()
  .refine(isTimeZone, "this time zone is not known; write one of the IANA names, such as Europe/Berlin or UTC");

/** A part of the day, as clocks show it in a time zone. `to` is no longer in it; before `from`, it is of the next day. */
export const TimeOfDay = z
  .strictObject({
    from: Clock.default("00:00").describe('When it begins: "18:00"'),
    to: Clock.default("24:00").describe('When it ends; a time before `from` is of the next day: "08:00"'),
    timeZone: TimeZone.default("UTC").describe("IANA name of the time zone, such as Europe/Berlin"),
    weekdays: z
      .array(Weekday)
      .min(1)
      .optional()
      .describe("Days on which it begins: Friday 22:00 to 06:00 lasts into Saturday"),
  })
  .refine(({ from, to }) => from !== to, { path: ["to"], message: "begins and ends at the same time" });
export type TimeOfDay = z.infer<typeof TimeOfDay>;

/** Whether a moment is in this part of the day. An hour that clocks show twice is in it twice; one they skip, never. */
export function isWithin({ from, to, timeZone, weekdays }: TimeOfDay, moment: Date): boolean {
  const { clock, weekday } = wallClock(moment, timeZone);
  const isDay = (day: Weekday) => weekdays === undefined || weekdays.includes(day);
  if (from < to) return isDay(weekday) && from <= clock && clock < to;
  return clock >= from ? isDay(weekday) : clock < to && isDay(dayBefore(weekday));
}

/** What clocks and calendars in a time zone show. */
export function wallClock(moment: Date, timeZone: string): { clock: string; weekday: Weekday } {
  const parts = formatOf(timeZone).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "";
  return { clock: `${part("hour")}:${part("minute")}`, weekday: Weekday.parse(part("weekday")) };
}

const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", { timeZone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const dayBefore = (day: Weekday): Weekday =>
  Weekday.options[(Weekday.options.indexOf(day) + 6) % Weekday.options.length] as Weekday;

function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

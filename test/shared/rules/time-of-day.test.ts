import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWithin, TimeOfDay, wallClock } from "../../../shared/rules/time-of-day.ts";

fc.configureGlobal({ seed: 20_260_105 });

const within = (time: object, moment: string) => isWithin(TimeOfDay.parse(time), new Date(moment));

describe("a part of the day", () => {
  test("begins with its first minute and ends before its last", () => {
    const office = { from: "08:00", to: "18:00" };
    expect(within(office, "2026-01-05T07:59:59Z")).toBe(false);
    expect(within(office, "2026-01-05T08:00:00Z")).toBe(true);
    expect(within(office, "2026-01-05T17:59:59.999Z")).toBe(true);
    expect(within(office, "2026-01-05T18:00:00Z")).toBe(false);
  });

  test("lasts past midnight where it ends before it begins", () => {
    const night = { from: "22:00", to: "06:00" };
    for (const clock of ["22:00", "23:59", "00:00", "05:59"])
      expect(within(night, `2026-01-05T${clock}:00Z`)).toBe(true);
    for (const clock of ["06:00", "12:00", "21:59"]) expect(within(night, `2026-01-05T${clock}:00Z`)).toBe(false);
  });

  test("up to 24:00 lasts to the end of the day", () => {
    expect(within({ from: "20:00" }, "2026-01-05T23:59:59Z")).toBe(true);
    expect(within({ from: "20:00" }, "2026-01-06T00:00:00Z")).toBe(false);
  });

  test("belongs to the weekday it begins on", () => {
    const fridayNight = { from: "22:00", to: "06:00", weekdays: ["Friday"] };
    expect(within(fridayNight, "2026-01-09T05:00:00Z")).toBe(false); // the night from Thursday
    expect(within(fridayNight, "2026-01-09T23:00:00Z")).toBe(true);
    expect(within(fridayNight, "2026-01-10T05:00:00Z")).toBe(true); // Saturday
    expect(within(fridayNight, "2026-01-10T23:00:00Z")).toBe(false);
    const sundayNight = { ...fridayNight, weekdays: ["Sunday"] };
    expect(within(sundayNight, "2026-01-12T05:00:00Z")).toBe(true); // Monday
  });

  test("means the clocks of its time zone, also where the day is another there", () => {
    const time = { from: "00:00", to: "02:00", weekdays: ["Saturday"], timeZone: "Asia/Tokyo" };
    expect(within(time, "2026-01-09T15:30:00Z")).toBe(true);
    expect(within(time, "2026-01-10T00:30:00Z")).toBe(false);
  });
});

describe("when clocks change", () => {
  const berlin = { timeZone: "Europe/Berlin" };

  test("office hours begin an hour earlier in UTC in summer", () => {
    const office = { from: "08:00", to: "18:00", ...berlin };
    expect(within(office, "2026-03-27T06:30:00Z")).toBe(false);
    expect(within(office, "2026-03-30T06:30:00Z")).toBe(true);
  });

  test("an hour that is skipped never comes", () => {
    const skipped = { from: "02:00", to: "03:00", ...berlin };
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      const moment = new Date(Date.parse("2026-03-28T23:00:00Z") + minute * 60_000);
      expect(isWithin(TimeOfDay.parse(skipped), moment)).toBe(false);
    }
    expect(within({ from: "01:00", to: "03:30", ...berlin }, "2026-03-29T01:15:00Z")).toBe(true); // 03:15
  });

  test("an hour that clocks show twice counts twice", () => {
    const twice = { from: "02:00", to: "03:00", ...berlin };
    expect(within(twice, "2026-10-25T00:30:00Z")).toBe(true);
    expect(within(twice, "2026-10-25T01:30:00Z")).toBe(true);
    expect(within(twice, "2026-10-25T02:00:00Z")).toBe(false);
  });

  test("a night over the change is one night", () => {
    const night = { from: "22:00", to: "06:00", weekdays: ["Saturday"], ...berlin };
    for (let hour = 22; hour < 22 + 7; hour += 1) {
      const moment = new Date(Date.parse("2026-03-27T23:00:00Z") + hour * 3_600_000);
      expect(isWithin(TimeOfDay.parse(night), moment)).toBe(true);
    }
    expect(within(night, "2026-03-29T04:00:00Z")).toBe(false); // 06:00
  });
});

test("each moment of a week is in a part of the day or in the rest of it, never in both", () => {
  const clock = fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minute) => {
    return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  });
  const timeZone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia");
  const moment = fc.date({ min: new Date("2026-01-01"), max: new Date("2027-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(clock, clock, timeZone, moment, (from, to, timeZone, moment) => {
      fc.pre(from !== to);
      const part = TimeOfDay.parse({ from, to, timeZone });
      const rest = TimeOfDay.parse({ from: to, to: from, timeZone });
      expect(isWithin(part, moment)).toBe(!isWithin(rest, moment));
    }),
  );
});

test("midnight is 00:00", () => {
  expect(wallClock(new Date("2026-01-05T00:00:00Z"), "UTC")).toEqual({ clock: "00:00", weekday: "Monday" });
});

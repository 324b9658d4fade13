import type { Condition } from "./condition.ts";
import { type Fact, LOOKS, type Look, type Subject } from "./look.ts";
import { isWithin, type TimeOfDay, wallClock } from "./time-of-day.ts";

/** Whether a condition holds; undefined as long as that cannot be said. */
export interface Finding {
  holds: boolean | undefined;
  /** What decided it, in words: `severity is Low, not High`. */
  why: string[];
  /** What has to be known before it can be said. */
  needs: Fact[];
}

/** Holds a condition against an alert. What is not known yet is neither fitting nor unfitting. */
export function evaluate(condition: Condition, subject: Subject): Finding {
  const { timeOfDay } = condition;
  return both([
    ...LOOKS.flatMap((look) => {
      const wanted = look.wanted(condition);
      return wanted ? [held(look, wanted, subject)] : [];
    }),
    ...(timeOfDay ? [during(timeOfDay, subject.now)] : []),
    ...(condition.all ? [both(condition.all.map((one) => evaluate(one, subject)))] : []),
    ...(condition.any ? [either(condition.any.map((one) => evaluate(one, subject)))] : []),
    ...(condition.not ? [not(evaluate(condition.not, subject))] : []),
  ]);
}

/** One that does not hold is enough, whatever becomes of what is not known. */
const both = (findings: readonly Finding[]): Finding => decided(findings, [false, undefined, true]);

/** One that holds is enough, whatever becomes of what is not known. */
const either = (findings: readonly Finding[]): Finding => decided(findings, [true, undefined, false]);

/** Those count that are as the first of `order` that any is. */
function decided(findings: readonly Finding[], order: readonly Finding["holds"][]): Finding {
  const holds = order.find((one) => findings.some((finding) => finding.holds === one));
  const decisive = findings.filter((finding) => finding.holds === holds);
  return {
    holds,
    why: [...new Set(decisive.flatMap(({ why }) => why))],
    needs: [...new Set(decisive.flatMap(({ needs }) => needs))],
  };
}

const not = ({ holds, why, needs }: Finding): Finding => ({
  holds: holds === undefined ? undefined : !holds,
  why: holds ? why.map((words) => `${words}, which is excluded`) : why,
  needs,
});

function held({ what, fact, has, fits }: Look, wanted: readonly string[], subject: Subject): Finding {
  const there = has(subject);
  if (!there) return { holds: undefined, why: [unknownIn(fact, what)], needs: fact ? [fact] : [] };
  const found = there.find((one) => wanted.some((pattern) => fits(pattern, one)));
  if (found !== undefined) return { holds: true, why: [`${what} is ${found}`], needs: [] };
  const instead = there.length > 0 ? `${what} is ${listed(there, "and")}, not` : `no ${what} is there, wanted is`;
  return { holds: false, why: [`${instead} ${listed(wanted, "or")}`], needs: [] };
}

const unknownIn = (fact: Fact | undefined, what: string): string =>
  fact === "machine" ? "the machine has not been read" : `${what} is not known`;

function during(times: readonly TimeOfDay[], now: Date): Finding {
  const [{ timeZone }] = times as readonly [TimeOfDay];
  const within = times.find((time) => isWithin(time, now));
  const { weekday, clock } = wallClock(now, within?.timeZone ?? timeZone);
  const time = `it is ${weekday} ${clock} (${within?.timeZone ?? timeZone})`;
  return {
    holds: within !== undefined,
    why: [within ? time : `${time}, not ${times.map(inWords).join(" or ")}`],
    needs: [],
  };
}

const inWords = ({ from, to, timeZone, weekdays }: TimeOfDay): string =>
  `${weekdays ? `${weekdays.join(", ")} ` : ""}${from} to ${to} (${timeZone})`;

const MOST_LISTED = 5;

function listed(texts: readonly string[], word: "and" | "or"): string {
  const more = texts.length - MOST_LISTED;
  const shown = more > 0 ? [...texts.slice(0, MOST_LISTED), `${more} more`] : texts;
  return shown.length < 2 ? `${shown[0]}` : `${shown.slice(0, -1).join(", ")} ${word} ${shown.at(-1)}`;
}

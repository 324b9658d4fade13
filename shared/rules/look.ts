import type { Machine } from "../defender/machines/machine.ts";
import type { AlertFacts } from "../intake/alert-facts.ts";
import { detectionSourceOf, serviceSourceOf } from "../intake/source-names.ts";
import { knownSeverity } from "../severity.ts";
import type { Condition } from "./condition.ts";
import { fits, plain } from "./pattern.ts";

/** What rules look at in a machine. */
export type RuledMachine = Pick<Machine, "osPlatform" | "deviceValue" | "machineTags" | "rbacGroupName">;

/** What rules are held against. */
export interface Subject {
  alert: AlertFacts;
  /** Absent while it has not been read. */
  machine?: RuledMachine | undefined;
  now: Date;
}

/** Something that is not known yet and has to be looked up. */
export type Fact = "severity" | "title" | "category" | "serviceSource" | "detectionSource" | "machine";

/** One thing rules look at: what the alert or its machine has, and when that is what is wanted. */
export interface Look {
  /** In words. */
  what: string;
  /** What is to be looked up where it is not known; absent: it is always known. */
  fact?: Fact;
  wanted(condition: Condition): readonly string[] | undefined;
  /** Absent while it is not known. */
  has(subject: Subject): readonly string[] | undefined;
  fits(wanted: string, has: string): boolean;
}

/**
 * Every alert has a severity, a title, sources and a category: they are not known yet where they are absent. Techniques and
 * users an alert may well have none of.
 */
export const LOOKS: readonly Look[] = [
  {
    what: "severity",
    fact: "severity",
    wanted: ({ severity }) => severity,
    has: ({ alert }) => known(alert.severity),
    fits: (wanted, has) => wanted === knownSeverity(has),
  },
  titleLook((title) => (Array.isArray(title) ? title : undefined), fits),
  titleLook((title) => (Array.isArray(title) ? undefined : title?.equals), isSame),
  titleLook((title) => (Array.isArray(title) ? undefined : title?.contains), isPart),
  {
    what: "category",
    fact: "category",
    wanted: ({ category }) => category,
    has: ({ alert: { categories } }) => (categories.length > 0 ? categories : undefined),
    fits: (wanted, has) => fits(withoutSpaces(wanted), withoutSpaces(has)),
  },
  {
    what: "technique",
    wanted: ({ technique }) => technique,
    has: ({ alert }) => alert.techniques,
    fits: (wanted, has) => has === wanted || has.startsWith(`${wanted}.`),
  },
  {
    what: "product",
    fact: "serviceSource",
    wanted: ({ serviceSource }) => serviceSource,
    has: ({ alert }) => known(alert.serviceSource),
    fits: sameSource(serviceSourceOf),
  },
  {
    what: "detection source",
    fact: "detectionSource",
    wanted: ({ detectionSource }) => detectionSource,
    has: ({ alert }) => known(alert.detectionSource),
    fits: sameSource(detectionSourceOf),
  },
  { what: "user", wanted: ({ user }) => user, has: ({ alert }) => alert.users, fits },
  { what: "tenant", wanted: ({ tenant }) => tenant, has: ({ alert }) => [alert.tenantId], fits },
  machineLook(
    "device group",
    ({ deviceGroup }) => deviceGroup,
    ({ rbacGroupName }) => known(rbacGroupName),
  ),
  machineLook(
    "tag",
    ({ tag }) => tag,
    ({ machineTags }) => machineTags ?? [],
  ),
  machineLook(
    "device value",
    ({ deviceValue }) => deviceValue,
    ({ deviceValue }) => known(deviceValue),
  ),
  machineLook(
    "system",
    ({ os }) => os,
    ({ osPlatform }) => known(osPlatform),
  ),
];

function titleLook(wanted: (title: Condition["title"]) => readonly string[] | undefined, fits: Look["fits"]): Look {
  return {
    what: "title",
    fact: "title",
    wanted: ({ title }) => wanted(title),
    has: ({ alert }) => known(alert.title),
    fits,
  };
}

function machineLook(
  what: string,
  wanted: Look["wanted"],
  has: (machine: RuledMachine) => readonly string[] | undefined,
): Look {
  return { what, fact: "machine", wanted, has: ({ machine }) => machine && (has(machine) ?? []), fits };
}

function known(text: string | null | undefined): string[] | undefined {
  return text ? [text] : undefined;
}

function isSame(wanted: string, has: string): boolean {
  return plain(wanted) === plain(has);
}

function isPart(wanted: string, has: string): boolean {
  return plain(has).includes(plain(wanted));
}

/** Surfaces spell sources differently, also in spaces and case. */
function sameSource(usual: (name: string) => string | undefined): Look["fits"] {
  return (wanted, has) => fits(withoutSpaces(usual(wanted) ?? wanted), withoutSpaces(usual(has) ?? has));
}

function withoutSpaces(text: string): string {
  return text.replace(/\s+/g, "");
}

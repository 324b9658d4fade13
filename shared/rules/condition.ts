import { z } from "zod";
import { DeviceValue } from "../defender/machines/machine.ts";
import { Severity } from "../severity.ts";
import { TimeOfDay } from "./time-of-day.ts";

const Text = z.string().trim().min(1).max(200);

/** One, or a list of which any counts. */
const oneOrMore = <T extends z.ZodType>(one: T) =>
  z.union([one, z.array(one).min(1)]).transform((given) => (Array.isArray(given) ? given : [given]) as z.output<T>[]);

const Technique = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^T\d{4}(?:\.\d{3})?$/, "a technique has the form T1059 or T1059.001");

/** How a title is looked at where a pattern does not say it. */
const TitleTexts = z
  .strictObject({
    contains: oneOrMore(Text).optional().describe("Any of these texts is somewhere in the title"),
    equals: oneOrMore(Text).optional().describe("The whole title is one of these texts"),
  })
  .refine(isNotEmpty, { error: "write contains or equals", when: isOtherwiseGood });

const Title = z.union([oneOrMore(Text), TitleTexts]);

/**
 * What an alert has to look like. Several keys side by side mean all of them; a list means any of it. In texts `*` stands for
 * anything, and case makes no difference.
 */
export const Condition = z
  .strictObject({
    severity: oneOrMore(Severity).optional().describe("How bad Defender says it is"),
    title: Title.optional().describe('The whole title, with `*` for anything: "*ransom*"; or contains, equals'),
    category: oneOrMore(Text).optional().describe("MITRE tactic or other category: LateralMovement, Ransomware"),
    technique: oneOrMore(Technique).optional().describe("MITRE ATT&CK id; T1059 means T1059.001 too"),
    serviceSource: oneOrMore(Text).optional().describe("The product: Microsoft Defender for Endpoint"),
    detectionSource: oneOrMore(Text).optional().describe("The technology: EDR, Antivirus, Custom detection"),
    user: oneOrMore(Text).optional().describe("An account of the alert, as UPN, domain\\account or account"),
    tenant: oneOrMore(Text).optional().describe("Id of the Entra tenant"),
    deviceGroup: oneOrMore(Text).optional().describe("Name of the machine's device group"),
    tag: oneOrMore(Text).optional().describe("A tag of the machine"),
    deviceValue: oneOrMore(DeviceValue).optional().describe("What the machine is worth"),
    os: oneOrMore(Text).optional().describe("The machine's osPlatform: Windows11, WindowsServer*"),
    timeOfDay: oneOrMore(TimeOfDay).optional().describe("When it is decided about the alert"),
    get all(): z.ZodOptional<z.ZodArray<z.ZodType<Condition>>> {
      return z.array(Condition).min(1).optional();
    },
    get any(): z.ZodOptional<z.ZodArray<z.ZodType<Condition>>> {
      return z.array(Condition).min(1).optional();
    },
    get not(): z.ZodOptional<z.ZodType<Condition>> {
      return Condition.optional();
    },
  })
  .refine(isNotEmpty, {
    error: "an empty condition would fit every alert; say what it looks at",
    when: isOtherwiseGood,
  });

export interface Condition {
  severity?: Severity[] | undefined;
  title?: string[] | z.infer<typeof TitleTexts> | undefined;
  category?: string[] | undefined;
  technique?: string[] | undefined;
  serviceSource?: string[] | undefined;
  detectionSource?: string[] | undefined;
  user?: string[] | undefined;
  tenant?: string[] | undefined;
  deviceGroup?: string[] | undefined;
  tag?: string[] | undefined;
  deviceValue?: DeviceValue[] | undefined;
  os?: string[] | undefined;
  timeOfDay?: TimeOfDay[] | undefined;
  all?: Condition[] | undefined;
  any?: Condition[] | undefined;
  not?: Condition | undefined;
}

function isNotEmpty(given: object): boolean {
  return Object.keys(given).length > 0;
}

/** A misspelt key is named alone. */
function isOtherwiseGood({ issues }: { issues: readonly unknown[] }): boolean {
  return issues.length === 0;
}

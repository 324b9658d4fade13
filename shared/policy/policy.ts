import { z } from "zod";
import { MachineId } from "../defender/machines/machine.ts";

const Name = z.string().trim().min(1).max(200);
const Names = z.array(Name).default([]);

/** What is done instead of containing; the first is the strictest. */
export const Restriction = z.enum(["deny", "ask", "selectiveOnly"]);
export type Restriction = z.infer<typeof Restriction>;

/** What must not be cut off without a person. All texts are compared without regard to case. */
const CriticalAssets = z.strictObject({
  tags: Names.describe("Machine tags"),
  deviceGroups: Names.describe("Names of device groups"),
  os: Names.describe("Systems as Defender spells them in `osPlatform`; `*` stands for anything: `WindowsServer*`"),
  deviceValues: z
    .array(z.enum(["Low", "Normal", "High"]))
    .default([])
    .describe("Device values"),
  domainControllers: z.boolean().default(true).describe("Machines with a tag that reads `domain controller` or `dc`"),
  hyperVHosts: z.boolean().default(true).describe("Machines with a tag that reads `hyper-v` or `hyper-v host`"),
  machineIds: z.array(MachineId).default([]).describe("For the few that show none of this"),
  containment: Restriction.default("deny").describe(
    "What becomes of their containment: refused, left to a person, or refused unless it is a selective isolation",
  ),
});

/** A restriction of one activity, or of all with one effect, on all machines or on those of some device groups. */
const PolicyRule = z
  .strictObject({
    activity: Name.optional(),
    effect: z.enum(["write", "collect", "contain", "release"]).optional(),
    deviceGroups: z.array(Name).min(1).optional(),
    restriction: Restriction,
  })
  .refine(({ activity, effect }) => activity || effect, "name an activity or an effect");
export type PolicyRule = z.infer<typeof PolicyRule>;

/** How many distinct machines may be contained in any hour. */
const Caps = z
  .strictObject({
    machinesPerHour: z.int().nonnegative().default(50).describe("In the whole tenant"),
    machinesPerHourInDeviceGroup: z.int().nonnegative().optional().describe("In each device group"),
    percentOfFleetPerHour: z
      .number()
      .positive()
      .max(100)
      .optional()
      .describe("Of `fleetSize`, but at least one machine"),
    fleetSize: z.int().positive().optional().describe("How many machines the tenant has"),
  })
  .refine(({ percentOfFleetPerHour, fleetSize }) => percentOfFleetPerHour === undefined || fleetSize !== undefined, {
    path: ["fleetSize"],
    message: "is needed for percentOfFleetPerHour",
  });

const CircuitBreaker = z.strictObject({
  failedMachines: z.int().positive().default(5).describe("Opens when containments of so many machines have failed"),
  windowMinutes: z.number().positive().max(1_440).default(60).describe("within so many minutes, none succeeding"),
  opensAtCap: z.boolean().default(true).describe("Opens also when a cap has refused a containment"),
});

/** What is only pretended. */
const Shadow = z.strictObject({
  everything: z.boolean().default(false),
  playbooks: Names.describe("Runs of these playbooks"),
  tenants: Names.describe("Runs about these Entra tenants, by id"),
});

/** `config/policy.yaml`: what may be done to which machines. */
export const Policy = z.strictObject({
  criticalAssets: CriticalAssets.prefault({}),
  rules: z.array(PolicyRule).default([]),
  caps: Caps.prefault({}),
  circuitBreaker: CircuitBreaker.prefault({}),
  releaseOthers: z
    .enum(["allow", "ask"])
    .default("ask")
    .describe("Whether an isolation or restriction may be undone that this app has not asked for"),
  shadow: Shadow.prefault({}),
});
export type Policy = z.infer<typeof Policy>;

import { z } from "zod";
import { PersonId } from "../approvals/approval.ts";
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
  opensAtCap: z.boolean().default(true).describe("Opens also when a cap of the tenant has refused a containment"),
});

/** What is only pretended. */
const Shadow = z.strictObject({
  everything: z.boolean().default(false),
  playbooks: Names.describe("Runs of these playbooks"),
  tenants: Names.describe("Runs about these Entra tenants, by id"),
});

const minutes = z.number().positive().max(10_080);

const Approver = z.strictObject({
  id: PersonId.describe("Sign-in name, as tokens have it in `preferred_username`"),
  objectId: z.string().optional().describe("Object id in Entra; where given, it counts in place of the name"),
  slackUserId: z.string().optional(),
  channels: Names.describe("Channels that reach this person alone: links that answer go nowhere else"),
});

/** Who is asked where a person has to decide, and for how long. */
const Approvals = z
  .strictObject({
    roles: Names.describe("App roles in Entra, one of which whoever answers with a token must have"),
    approvers: z.array(Approver).max(20).default([]),
    channels: Names.describe("Channels that are told of every question, without a link that answers"),
    quorum: z.int().min(1).max(10).default(1).describe("How many different people have to say yes"),
    minutes: minutes.default(60).describe("Until a question expires"),
    atExpiry: z.enum(["decline", "approve"]).default("decline"),
    validMinutes: minutes.default(60).describe("For how long after the answer the step may be taken"),
    remindAfterMinutes: minutes.optional(),
    escalate: z.strictObject({ afterMinutes: minutes, channels: z.array(Name).min(1) }).optional(),
  })
  .refine(({ roles, approvers, quorum }) => roles.length > 0 || approvers.length === 0 || quorum <= approvers.length, {
    path: ["quorum"],
    message: "is more than there are approvers",
  })
  .superRefine(({ approvers }, context) => {
    const all = approvers.flatMap(({ channels }) => [...new Set(channels)]);
    for (const channel of new Set(all.filter((name, at) => all.indexOf(name) !== at))) {
      const message = `two approvers share the channel ${channel}: each needs one that reaches that person alone`;
      context.addIssue({ code: "custom", path: ["approvers"], message });
    }
  });

const hours = z.number().nonnegative().max(8_760);

/** When isolations end by themselves. */
const Leases = z.strictObject({
  isolationHours: hours.default(0).describe("Until an isolation ends, where its run does not say; 0 = it has no end"),
  mostHours: hours.default(0).describe("No isolation lasts longer, whoever extends it; 0 = any time"),
  extendMinutes: minutes
    .or(z.literal(0))
    .default(60)
    .describe("An alert that joins leaves at least so long; 0 = as it is"),
});

/** Whose sign-ins are touched only once a person has agreed. */
const Users = z.strictObject({
  critical: Names.describe("Object ids or sign-in names of users whom no run touches without a person"),
  others: z.enum(["ask", "allow"]).default("ask").describe("Whether a person is asked about all other users as well"),
});

/** `config/policy.yaml`: what may be done to which machines. */
export const Policy = z.strictObject({
  criticalAssets: CriticalAssets.prefault({}),
  users: Users.prefault({}),
  rules: z.array(PolicyRule).default([]),
  caps: Caps.prefault({}),
  circuitBreaker: CircuitBreaker.prefault({}),
  releaseOthers: z
    .enum(["allow", "ask"])
    .default("ask")
    .describe("Whether an isolation or restriction may be undone that this app has not asked for"),
  approvals: Approvals.prefault({}),
  leases: Leases.prefault({}),
  shadow: Shadow.prefault({}),
});
export type Policy = z.infer<typeof Policy>;

export const TICKET_SYSTEMS = ["built-in", "servicenow", "jira", "azure-devops", "github", "thehive"] as const;
export type OutsideName = Exclude<(typeof TICKET_SYSTEMS)[number], "built-in">;

/** Where tickets are opened outside, and as what. Holds a secret: never log it. */
export interface TicketSettings {
  system: OutsideName;
  url: string;
  secret: string;
  user: string;
  project: string;
  group?: string | undefined;
  type?: string | undefined;
  /** What a severity is called there, where it is not as the system has it at first. */
  priorities: Readonly<Record<string, string>>;
  openState?: string | undefined;
  closedState?: string | undefined;
}

/** What each system cannot do without, beside where it is and the secret. */
const REQUIRED: Record<OutsideName, readonly string[]> = {
  servicenow: ["TICKET_USER"],
  jira: ["TICKET_USER", "TICKET_PROJECT"],
  "azure-devops": ["TICKET_PROJECT"],
  github: ["TICKET_PROJECT"],
  thehive: [],
};

const isOutside = (name: string | undefined): name is OutsideName => name !== undefined && name in REQUIRED;

/** What is missing or malformed, one line each. */
export function problemsOfTickets(given: NodeJS.ProcessEnv): string[] {
  const { TICKET_SYSTEM: system, TICKET_PROJECT: project, TICKET_PRIORITIES: priorities } = given;
  if (!isOutside(system)) return [];
  const isRepository = system !== "github" || !project || /^[\w.-]+\/[\w.-]+$/.test(project);
  return [
    ...["TICKET_URL", "TICKET_SECRET", ...REQUIRED[system]]
      .filter((name) => !given[name] && !(name === "TICKET_URL" && system === "github"))
      .map((name) => `${name}: is not set, and TICKET_SYSTEM is ${system}`),
    ...(isRepository ? [] : ["TICKET_PROJECT: is not a repository like owner/name"]),
    ...(priorities && !PRIORITIES.test(priorities) ? ["TICKET_PRIORITIES: is not like High=1,Medium=2"] : []),
  ];
}

const PRIORITIES = /^\s*\w+\s*=[^,=]+(,\s*\w+\s*=[^,=]+)*$/;

/** Absent: the built-in tickets. */
export function ticketSettings(given: NodeJS.ProcessEnv): TicketSettings | undefined {
  const { TICKET_SYSTEM: system } = given;
  if (!isOutside(system)) return undefined;
  return {
    system,
    url: given.TICKET_URL ?? "https://api.github.com",
    secret: given.TICKET_SECRET ?? "",
    user: given.TICKET_USER ?? "",
    project: given.TICKET_PROJECT ?? "",
    group: given.TICKET_GROUP,
    type: given.TICKET_TYPE,
    openState: given.TICKET_OPEN_STATE,
    closedState: given.TICKET_CLOSED_STATE,
    priorities: Object.fromEntries(
      (given.TICKET_PRIORITIES?.split(",") ?? []).map((pair) => pair.split("=").map((part) => part.trim())),
    ),
  };
}

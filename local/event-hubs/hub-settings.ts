/**
 * What the stand-in is told about an event hub.
 */
export interface HubSettings {
  name: string;
  /** @default 4 */
  partitionCount?: number;
  /** Consumer groups besides `$Default`, which every hub has. */
  consumerGroups?: string[];
}

/** A hub with every setting filled in and checked. */
export type Hub = Required<HubSettings>;

/**
 * Checks the settings of all hubs and fills in what was left out.
 *
 * @throws Error with one sentence that names the wrong setting
 */
export function checkHubs(settings: HubSettings[]): Hub[] {
  if (settings.length === 0) throw new Error("Name at least one event hub, for example --hub alerts.");

  const hubs = settings.map(checkHub);
  const names = hubs.map(({ name }) => name.toLowerCase());
  const twice = hubs.find(({ name }, index) => names.indexOf(name.toLowerCase()) !== index);
  if (twice) throw new Error(`The event hub "${twice.name}" is named twice.`);
  return hubs;
}

/** Reads `NAME[:PARTITIONS[:GROUP,GROUP]]`, the form a hub has on the command line. */
export function parseHub(option: string): HubSettings {
  const [name = "", partitions, groups, ...more] = option.split(":");
  if (more.length > 0) throw new Error(`--hub ${option} has too many parts; write NAME[:PARTITIONS[:GROUP,GROUP]].`);
  return {
    name,
    ...(partitions && { partitionCount: Number(partitions) }),
    ...(groups && { consumerGroups: groups.split(",") }),
  };
}

function checkHub({ name, partitionCount = 4, consumerGroups = [] }: HubSettings): Hub {
  if (!isName(name))
    throw new Error(`"${name}" is not a name for an event hub; use letters, digits, ".", "-" and "_".`);
  if (!Number.isInteger(partitionCount) || partitionCount < 1 || partitionCount > 32) {
    throw new Error(`The event hub "${name}" cannot have ${partitionCount} partitions; it can have 1 to 32.`);
  }
  const wrong = consumerGroups.find((group) => !isName(group) && group !== "$Default");
  if (wrong !== undefined) throw new Error(`"${wrong}" is not a name for a consumer group of the event hub "${name}".`);
  return {
    name,
    partitionCount,
    consumerGroups: ["$Default", ...consumerGroups.filter((group) => group !== "$Default")],
  };
}

function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*$/i.test(name);
}

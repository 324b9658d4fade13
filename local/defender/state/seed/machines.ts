import { type Machine, makeMachine } from "../machine.ts";
import { toDefenderTime } from "../timestamp.ts";
import type { Random } from "./random.ts";

interface Kind {
  prefix: string;
  osPlatform: string;
  version: string;
  osBuild: number | null;
}

/** Weighted by how often it stands here. */
const KINDS: readonly Kind[] = [
  { prefix: "lap", osPlatform: "Windows11", version: "24H2", osBuild: 26100 },
  { prefix: "lap", osPlatform: "Windows11", version: "24H2", osBuild: 26100 },
  { prefix: "lap", osPlatform: "Windows11", version: "23H2", osBuild: 22631 },
  { prefix: "desk", osPlatform: "Windows10", version: "22H2", osBuild: 19045 },
  { prefix: "desk", osPlatform: "Windows11", version: "24H2", osBuild: 26100 },
  { prefix: "srv", osPlatform: "WindowsServer2022", version: "21H2", osBuild: 20348 },
  { prefix: "srv", osPlatform: "WindowsServer2019", version: "1809", osBuild: 17763 },
  { prefix: "web", osPlatform: "Linux", version: "22.4", osBuild: null },
  { prefix: "mac", osPlatform: "macOS", version: "15.2", osBuild: null },
];
const GROUPS = ["Workstations", "Servers", "Branch offices", "Developers"];
const SITES = ["ber", "lis", "osl", "zrh"];
const MINUTE_MS = 60_000;

/** A machine as an organisation would have it, with the number in its name. */
export function seedMachine(random: Random, number: number, now: number): Machine {
  const { prefix, ...system } = random.one(KINDS);
  const isServer = prefix === "srv" || prefix === "web";
  const group = isServer ? 1 : random.one([0, 0, 2, 3]);
  const isActive = random.chance(0.95);
  const seenMinutesAgo = isActive ? random.below(24 * 60) : random.below(25 * 24 * 60) + 7 * 24 * 60;
  return makeMachine(
    {
      id: random.hex(40),
      computerDnsName: `${prefix}-${random.one(SITES)}-${String(number).padStart(5, "0")}.contoso.example`,
      ...system,
      firstSeen: toDefenderTime(now - (40 + random.below(400)) * 24 * 60 * MINUTE_MS),
      lastSeen: toDefenderTime(now - seenMinutesAgo * MINUTE_MS),
      healthStatus: isActive ? "Active" : random.one(["Inactive", "ImpairedCommunication", "NoSensorData"]),
      riskScore: random.one(["None", "None", "None", "Informational", "Low", "Medium", "High"]),
      exposureLevel: random.one(["Low", "Low", "Medium", "High"]),
      deviceValue: isServer && random.chance(0.3) ? "High" : "Normal",
      rbacGroupId: 140 + group,
      rbacGroupName: GROUPS[group] as string,
      machineTags: [...(isServer && random.chance(0.2) ? ["critical"] : []), ...(random.chance(0.1) ? ["pilot"] : [])],
    },
    now,
  );
}

const FIRST_NAMES = ["ana", "ben", "carla", "david", "elif", "finn", "grace", "hugo", "ines", "jonas", "kim", "lena"];
const LAST_NAMES = ["berg", "costa", "dahl", "evans", "fischer", "garcia", "haas", "ito", "jensen", "keller"];

/** Somebody who works on the machine, in the way it lists users. */
export function seedUser(random: Random, { id, firstSeen, lastSeen }: Machine) {
  const accountName = `${random.one(FIRST_NAMES)}.${random.one(LAST_NAMES)}`;
  return {
    id: `contoso\\${accountName}`,
    accountName,
    accountDomain: "contoso",
    accountSid: `S-1-5-21-1004336348-1177238915-682003330-${1000 + random.below(9000)}`,
    firstSeen,
    lastSeen,
    mostPrevalentMachineId: id,
    leastPrevalentMachineId: id,
    logonTypes: random.one(["Interactive", "Interactive, RemoteInteractive", "Network, Interactive"]),
    logOnMachinesCount: 1,
    isDomainAdmin: random.chance(0.03),
    isOnlyNetworkUser: false,
    machineId: id,
  };
}

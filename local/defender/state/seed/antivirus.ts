import type { Machine } from "../machine.ts";
import type { Row } from "../table.ts";
import { toDefenderTime } from "../timestamp.ts";
import type { Random } from "./random.ts";

const DAY_MS = 24 * 60 * 60_000;

/** The antivirus of a machine, mostly active and up to date. */
export function seedAntivirus(random: Random, machine: Machine, now: number): Row {
  const isCurrent = random.chance(0.9) ? "True" : "False";
  const updatedAt = toDefenderTime(now - (isCurrent === "True" ? 1 : 12) * DAY_MS);
  const { osPlatform } = machine;
  return {
    id: machine.id,
    machineId: machine.id,
    computerDnsName: machine.computerDnsName,
    osKind: osPlatform === "macOS" ? "mac" : osPlatform === "Linux" ? "linux" : "windows",
    osPlatform,
    osVersion: `10.0.${machine.osBuild ?? 0}`,
    avMode: random.one(["0", "0", "0", "0", "1", "4"]),
    avSignatureVersion: isCurrent === "True" ? "1.421.1279.0" : "1.418.77.0",
    avEngineVersion: "1.1.24090.11",
    avPlatformVersion: "4.18.24090.11",
    lastSeenTime: machine.lastSeen,
    quickScanResult: "Completed",
    quickScanError: "",
    quickScanTime: updatedAt,
    fullScanResult: "",
    fullScanError: "",
    fullScanTime: null,
    dataRefreshTimestamp: toDefenderTime(now),
    avEngineUpdateTime: updatedAt,
    avSignatureUpdateTime: updatedAt,
    avPlatformUpdateTime: updatedAt,
    avIsSignatureUpToDate: isCurrent,
    avIsEngineUpToDate: isCurrent,
    avIsPlatformUpToDate: "True",
    avSignaturePublishTime: updatedAt,
    rbacGroupName: machine.rbacGroupName,
    rbacGroupId: machine.rbacGroupId,
  };
}

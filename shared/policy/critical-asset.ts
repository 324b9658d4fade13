import type { Machine } from "../defender/machines/machine.ts";
import type { Policy } from "./policy.ts";

/** Spellings of tags that say what no field of Defender's does, without blanks and marks. */
const DOMAIN_CONTROLLER = new Set(["domaincontroller", "domaincontrollers", "dc"]);
const HYPER_V_HOST = new Set(["hyperv", "hypervhost", "hypervhosts"]);

/** Why a machine is a critical asset, in words, if it is one. */
export function whyCritical(machine: Machine, { criticalAssets }: Policy): string | undefined {
  const { deviceGroups, os, deviceValues, machineIds } = criticalAssets;
  const { machineTags, rbacGroupName, osPlatform, deviceValue } = machine;
  for (const tag of machineTags ?? []) {
    const why = whyProtecting(tag, { criticalAssets });
    if (why) return why;
  }
  if (rbacGroupName && isAmong(deviceGroups, rbacGroupName)) return `device group "${rbacGroupName}"`;
  if (osPlatform && os.some((pattern) => fits(pattern, osPlatform))) return `system ${osPlatform}`;
  if (deviceValue && isAmong(deviceValues, deviceValue)) return `device value ${deviceValue}`;
  if (machineIds.includes(machine.id)) return "listed by id";
  return undefined;
}

/** Why a tag makes a machine a critical asset, in words, if it does. */
export function whyProtecting(tag: string, { criticalAssets }: Pick<Policy, "criticalAssets">): string | undefined {
  const { tags, domainControllers, hyperVHosts } = criticalAssets;
  if (isAmong(tags, tag)) return `tag "${tag}"`;
  const letters = lettersOf(tag);
  if (domainControllers && DOMAIN_CONTROLLER.has(letters)) return `domain controller by its tag "${tag}"`;
  if (hyperVHosts && HYPER_V_HOST.has(letters)) return `Hyper-V host by its tag "${tag}"`;
  return undefined;
}

const lettersOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, "");

/** Whether a text is among others, without regard to case and to blanks around it. */
export const isAmong = (texts: readonly string[], text: string): boolean =>
  texts.some((one) => plain(one) === plain(text));

const plain = (text: string): string => text.trim().toLowerCase();

/** Whether a text fits a pattern in which `*` stands for anything. */
function fits(pattern: string, text: string): boolean {
  const parts = plain(pattern)
    .split("*")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(plain(text));
}

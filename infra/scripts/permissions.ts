import type { Call, Service } from "../../shared/defender/call.ts";
import type { Activity } from "../../shared/playbook.ts";

/**
 * The applications that define the permissions of each interface.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-create-app-webapp
 */
export const API_APP_IDS: Readonly<Record<Service, string>> = {
  defender: "fc780465-2017-40d4-a0c5-307022471b92", // WindowsDefenderATP
  xdr: "8ee8fdad-f234-4243-8f3b-15c294843740", // Microsoft Threat Protection
  graph: "00000003-0000-0000-c000-000000000000",
};

/**
 * The fewest application permissions with which every activity can make its calls, by interface: the one to grant of each
 * call, unless another that is needed anyway is as good.
 */
export function permissionsNeeded(activities: readonly Pick<Activity, "calls">[]): Map<Service, string[]> {
  const calls = [...new Set(activities.flatMap(({ calls }) => calls))];
  const services = [...new Set(calls.map(({ service }) => service))].sort();
  return new Map(services.map((service) => [service, fewest(calls.filter((call) => call.service === service))]));
}

function fewest(calls: readonly Pick<Call, "permissions">[]): string[] {
  const granted = new Set(calls.flatMap(({ permissions }) => permissions.slice(0, 1)));
  for (const permission of [...granted].sort()) {
    granted.delete(permission);
    if (!calls.every(({ permissions }) => permissions.some((other) => granted.has(other)))) granted.add(permission);
  }
  return [...granted].sort();
}

import type { SimulatorControl } from "../defender/control-client.ts";
import type { Publisher } from "./publish.ts";
import { aMessage, anAlertEvidence, anAlertInfo, aWholeAlert } from "./stream-records.ts";

/** What should become of an alert. */
export type Expected = "isolated" | "not-isolated" | "ignored";

/** An alert of the story, and the device it is about. */
export interface StoryAlert {
  alertId: string;
  title: string;
  severity: "High" | "Low";
  device?: { machineId: string; name: string; tags?: string[]; offline?: boolean };
  expected: Expected;
  /** How the story shows something that goes wrong elsewhere. */
  shows: string;
}

const alertNumbered = (number: number): string => `da63903043716223663${number}_-118269071${number}`;
const machineNumbered = (number: number): string => `9c3f5a2e7d1b4860c2e9f7a1b3d5e8046f2a7c9${number}`;
const device = (number: number, name: string, more: { tags?: string[]; offline?: boolean } = {}) => ({
  machineId: machineNumbered(number),
  name: `${name}.contoso.example`,
  ...more,
});

const whole: StoryAlert = {
  alertId: alertNumbered(0),
  title: "Ransomware, encryption in progress",
  severity: "High",
  device: device(0, "fin-laptop-07"),
  expected: "isolated",
  shows: "several records in one message, sent twice",
};
const evidenceFirst: StoryAlert = {
  alertId: alertNumbered(1),
  title: "Credential dumping from LSASS",
  severity: "High",
  device: device(1, "hr-laptop-03"),
  expected: "isolated",
  shows: "evidence before the alert itself",
};
const alertFirst: StoryAlert = {
  alertId: alertNumbered(2),
  title: "Cobalt Strike beacon",
  severity: "High",
  device: device(2, "dev-box-12"),
  expected: "isolated",
  shows: "the alert before its evidence",
};
const noMachineRow: StoryAlert = {
  alertId: alertNumbered(3),
  title: "Attack through a service",
  severity: "High",
  device: device(3, "sql-test-02"),
  expected: "isolated",
  shows: "no machine in the stream: read from Defender",
};
const low: StoryAlert = {
  alertId: alertNumbered(4),
  title: "Unwanted software downloaded",
  severity: "Low",
  device: device(4, "kiosk-01"),
  expected: "ignored",
  shows: "low severity, must not act",
};
const offline: StoryAlert = {
  alertId: alertNumbered(5),
  title: "Suspicious remote session",
  severity: "High",
  device: device(5, "sales-laptop-21", { offline: true }),
  expected: "isolated",
  shows: "device offline at first",
};
const critical: StoryAlert = {
  alertId: alertNumbered(6),
  title: "Pass-the-hash attack",
  severity: "High",
  device: device(6, "dc-01", { tags: ["domain-controller"] }),
  expected: "not-isolated",
  shows: "critical asset, must not be cut off",
};
const mail: StoryAlert = {
  alertId: alertNumbered(7),
  title: "Phishing mail delivered",
  severity: "High",
  expected: "ignored",
  shows: "no device at all",
};

export const story: readonly StoryAlert[] = [
  whole,
  evidenceFirst,
  alertFirst,
  noMachineRow,
  low,
  offline,
  critical,
  mail,
];

/** How many messages and records of the story cannot be read. */
export const UNREADABLE = 2;

/** Puts the devices and alerts of the story into the simulator. */
export async function stageStory(simulator: SimulatorControl): Promise<void> {
  const devices = story.flatMap(({ device }) => device ?? []);
  await simulator.addMachines(
    devices.map(({ machineId, name, tags = [], offline = false }) => ({
      id: machineId,
      computerDnsName: name,
      machineTags: tags,
      offline,
    })),
  );
  await simulator.addAlerts(
    story.map(({ alertId, title, severity, device }) => ({
      id: alertId,
      title,
      severity,
      machineId: device?.machineId ?? null,
      computerDnsName: device?.name ?? null,
    })),
  );
}

/** Publishes the story as Defender would, and notes when the first record of each alert was sent. */
export async function publishStory(tenantId: string, publisher: Publisher): Promise<Map<string, number>> {
  const sentAt = new Map<string, number>();
  const about = (alert: StoryAlert) => ({
    tenantId,
    alertId: alert.alertId,
    title: alert.title,
    severity: alert.severity,
    ...(alert.device && { machineId: alert.device.machineId, deviceName: alert.device.name }),
  });
  const send = async (body: string, ...alerts: StoryAlert[]) => {
    for (const { alertId } of alerts) if (!sentAt.has(alertId)) sentAt.set(alertId, Date.now());
    await publisher.send(body);
  };

  const first = aMessage(aWholeAlert(about(whole)));
  await send(first, whole);
  await send(aMessage([anAlertEvidence(about(evidenceFirst))]), evidenceFirst);
  await send(aMessage([anAlertInfo(about(alertFirst))]), alertFirst);
  await send("\u0000\u0001 this is no JSON");
  await send(aMessage([anAlertInfo(about(evidenceFirst)), { category: "AdvancedHunting-AlertInfo" }]));
  await send(aMessage([anAlertEvidence(about(alertFirst))]));
  await send(first);
  await send(aMessage([anAlertInfo(about(noMachineRow))]), noMachineRow);
  await send(aMessage(aWholeAlert(about(low))), low);
  await send(aMessage(aWholeAlert(about(offline))), offline);
  await send(aMessage([...aWholeAlert(about(critical)), anAlertInfo(about(mail))]), critical, mail);
  return sentAt;
}

/** The device that was offline comes back. */
export const bringBack = (simulator: SimulatorControl): Promise<unknown> =>
  simulator.setOffline(offline.device?.machineId ?? "", false);

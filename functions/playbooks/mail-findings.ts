import { z } from "zod";
import {
  attachmentsHunt,
  campaignsHunt,
  clicksHunt,
  deliveriesHunt,
  filesOnDevicesHunt,
  linksHunt,
  type Mail,
} from "../../shared/defender/hunting/mail-hunts.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { runHuntingQuery } from "../activities/run-hunting-query.ts";

const LONGEST = 120;
const Shown = z.string().transform((text) => oneLine(text, LONGEST));

const CampaignRow = z.object({ SenderFromAddress: z.string(), Subject: z.string() });
const AttachmentRow = z.object({
  SHA256: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/),
  FileName: Shown.catch(""),
});
const LinkRow = z.object({ UrlDomain: Shown });
const DeliveryRow = z.object({
  RecipientEmailAddress: Shown,
  DeliveryAction: Shown.catch("unknown"),
  LatestDeliveryLocation: Shown.catch("unknown"),
});
const ClickRow = z.object({ AccountUpn: Shown, Clicks: z.number(), LetThrough: z.number() });
const DeviceRow = z.object({
  DeviceId: MachineId,
  DeviceName: Shown.catch(""),
  Runs: z.number(),
  InitiatingProcessAccountName: Shown.catch(""),
});

/** What a hunt found; of one that failed or was not made, no rows, and why. */
interface Found<Row> {
  rows: Row[];
  /** How many there are, where that is known to be more than these. */
  total: number;
  failed?: string;
}

const Counted = z.object({ Total: z.number() });

export interface MailFindings {
  deliveries: Found<z.output<typeof DeliveryRow>>;
  clicks: Found<z.output<typeof ClickRow>>;
  links: Found<z.output<typeof LinkRow>>;
  files: Found<z.output<typeof AttachmentRow>>;
  devices: Found<z.output<typeof DeviceRow>>;
}

/** Who received messages and others like them, who clicked, and which devices have what they brought. */
export function* mailFindings(run: Run, messageIds: readonly string[]): Steps<MailFindings> {
  const sendings = yield* hunt(run, CampaignRow, campaignsHunt(messageIds));
  const files = yield* hunt(run, AttachmentRow, attachmentsHunt(messageIds));
  const links = yield* hunt(run, LinkRow, linksHunt(messageIds));
  const campaigns = sendings.rows.map(({ SenderFromAddress: sender, Subject: subject }) => ({ sender, subject }));
  const hashes = [...new Set(files.rows.map(({ SHA256 }) => SHA256))];

  const mail: Mail = { messageIds, campaigns, hashes };
  // Without these, others like the messages could not be looked for.
  const narrowed = sendings.failed ?? files.failed;
  const narrow = <Row>(found: Found<Row>) => (narrowed ? { ...found, failed: found.failed ?? narrowed } : found);
  const deliveries = narrow(yield* hunt(run, DeliveryRow, deliveriesHunt(mail)));
  const clicks = narrow(yield* hunt(run, ClickRow, clicksHunt(mail)));
  const nothing: MailFindings["devices"] = { ...files, rows: [], total: 0 };
  const devices = hashes.length > 0 ? yield* hunt(run, DeviceRow, filesOnDevicesHunt(hashes)) : nothing;
  return { deliveries, clicks, links, files, devices };
}

/** Rows that cannot be read are left out: the rest counts. */
function* hunt<Row extends z.ZodType>(run: Run, row: Row, query: string): Steps<Found<z.output<Row>>> {
  const found = yield* attempt(run.step(runHuntingQuery, { query }));
  if (found instanceof StepFailed) return { rows: [], total: 0, failed: found.reason };
  const rows = found.rows.flatMap((one) => {
    const { success, data } = row.safeParse(one);
    return success ? [data] : [];
  });
  const total = Counted.safeParse(found.rows[0]).data?.Total ?? 0;
  return { rows, total: Math.max(total, rows.length) };
}

/** The findings in words, no more than `mostShown` of each kind. */
export function describeMail({ deliveries, clicks, links, files, devices }: MailFindings, mostShown: number): string[] {
  const say = <Row>(about: string, { rows, total, failed }: Found<Row>, describe: (row: Row) => string) => {
    const shown = rows.slice(0, mostShown).map(describe);
    const left = total - shown.length;
    const count = total > 0 ? `${total}: ${shown.join(", ")}${left > 0 ? ` and ${left} more` : ""}` : "none";
    if (!failed) return `${about}: ${count}.`;
    return total > 0
      ? `${about}: ${count}. Not all could be looked for (${failed}).`
      : `${about}: could not be looked for (${failed}).`;
  };
  return [
    say(
      "Recipients of the messages and others like them",
      deliveries,
      (row) => `${row.RecipientEmailAddress} (${row.DeliveryAction}, now in ${row.LatestDeliveryLocation})`,
    ),
    say(
      "Users who clicked a link in them",
      clicks,
      ({ AccountUpn, Clicks, LetThrough }) => `${AccountUpn} (${Clicks} click(s), ${LetThrough} let through)`,
    ),
    say("Domains of their links", links, ({ UrlDomain }) => UrlDomain),
    say("Attachments", files, ({ FileName, SHA256 }) => `${FileName || "a file without a name"} (${SHA256})`),
    say("Devices with an attachment", devices, (row) =>
      [
        `${row.DeviceName || row.DeviceId} (${row.Runs > 0 ? `ran it ${row.Runs} time(s)` : "not seen to run it"}`,
        `${row.InitiatingProcessAccountName ? `, last by ${row.InitiatingProcessAccountName}` : ""})`,
      ].join(""),
    ),
  ];
}

/** Which runbooks a person may want next, by what was found. */
export function nextRunbooks({ clicks, links, files, devices }: MailFindings): string[] {
  const isLetThrough = clicks.rows.some(({ LetThrough }) => LetThrough > 0);
  return [
    ...(isLetThrough ? ["disable-compromised-user-sessions for users who were let through"] : []),
    ...(links.rows.length > 0 ? ["block-network-indicator for domains that are bad"] : []),
    ...(files.rows.length > 0 ? ["block-file for attachments that are bad"] : []),
    ...(devices.rows.length > 0 ? ["collect-evidence or contain-device for devices with an attachment"] : []),
  ];
}

/** The users and devices that are affected, by the names other runbooks take. */
export const affectedBy = ({ clicks, devices }: MailFindings) => ({
  users: clicks.rows
    .filter(({ LetThrough }) => LetThrough > 0)
    .slice(0, MOST_AFFECTED)
    .map(({ AccountUpn }) => AccountUpn),
  machineIds: devices.rows.slice(0, MOST_AFFECTED).map(({ DeviceId }) => DeviceId),
});

/** The outcome of a run is kept for good. */
const MOST_AFFECTED = 50;

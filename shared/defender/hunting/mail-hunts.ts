import { kql } from "./kql.ts";

/** What sets messages of one sending apart from all others. Whoever sent them wrote both. */
export interface Campaign {
  sender: string;
  subject: string;
}

/** What messages are known by. */
export interface Mail {
  /** `NetworkMessageId` of each, at least one. */
  messageIds: readonly string[];
  campaigns: readonly Campaign[];
  /** SHA-256 of their attachments. */
  hashes: readonly string[];
}

/** How many senders with a subject, files and domains of the messages are followed. */
const MOST_KEYS = 20;

/** How many recipients, users and devices come back; how many there are comes with each. */
const MOST_ROWS = 100;

/** A query has 10,000 characters at most, and a subject may need many to be written. */
const MOST_CHARACTERS = 5_000;

/** Pictures of signatures and footers would relate messages that have nothing to do with each other. */
const PICTURE = "(?i)\\.(bmp|gif|jpe?g|png|svg)$";

/**
 * Who sent the messages, with which subject.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-emailevents-table
 */
export const campaignsHunt = (messageIds: readonly string[]): string => kql`EmailEvents
| where NetworkMessageId in (${messageIds}) and isnotempty(SenderFromAddress) and isnotempty(Subject)
| distinct SenderFromAddress, Subject
| take ${MOST_KEYS}`;

/**
 * The files the messages brought, but for pictures.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-emailattachmentinfo-table
 */
export const attachmentsHunt = (messageIds: readonly string[]): string => `${kql`let Found = EmailAttachmentInfo
| where NetworkMessageId in (${messageIds}) and isnotempty(SHA256)
| where not(FileName matches regex ${PICTURE})
| distinct SHA256, FileName;`}
${first("FileName asc", MOST_KEYS)}`;

/**
 * Where the links of the messages lead.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-emailurlinfo-table
 */
export const linksHunt = (messageIds: readonly string[]): string => `${kql`let Found = EmailUrlInfo
| where NetworkMessageId in (${messageIds}) and isnotempty(UrlDomain)
| distinct UrlDomain;`}
${first("UrlDomain asc", MOST_KEYS)}`;

/** Who received the messages or others like them, and where the newest of each lies. */
export const deliveriesHunt = (mail: Mail): string => `let Found = ${related(mail)}
| summarize arg_max(Timestamp, DeliveryAction, LatestDeliveryLocation) by RecipientEmailAddress;
${first("RecipientEmailAddress asc")}`;

/**
 * Who clicked a link in them, and how often Safe Links let them through.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-urlclickevents-table
 */
export const clicksHunt = (mail: Mail): string => `let Related = ${related(mail)}
| distinct NetworkMessageId;
let Found = UrlClickEvents
| where NetworkMessageId in (Related)
| summarize Clicks = count(), LetThrough = countif(ActionType == "ClickAllowed" or tobool(IsClickedThrough)) by AccountUpn;
${first("LetThrough desc, AccountUpn asc")}`;

/**
 * The devices that have one of the files, and how often they ran it. A document never runs by itself.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-devicefileevents-table
 */
export const filesOnDevicesHunt = (
  hashes: readonly string[],
): string => `${kql`let Found = union DeviceFileEvents, DeviceProcessEvents
| where SHA256 in (${hashes})
| summarize Runs = countif(ActionType == "ProcessCreated"), arg_max(Timestamp, InitiatingProcessAccountName) by DeviceId, DeviceName;`}
${first("Runs desc, DeviceName asc")}`;

/** The first rows of `Found`, each with how many there are in all. */
const first = (order: string, atMost = MOST_ROWS): string => `Found
| extend Total = toscalar(Found | count)
| order by ${order}
| take ${atMost}`;

/** The messages, those of the same sender and subject, and those with a file of theirs. */
function related({ messageIds, campaigns, hashes }: Mail): string {
  const conditions = [kql`NetworkMessageId in (${messageIds})`];
  if (hashes.length > 0) {
    conditions.push(
      kql`NetworkMessageId in ((EmailAttachmentInfo | where SHA256 in (${hashes}) | distinct NetworkMessageId))`,
    );
  }
  let left = MOST_CHARACTERS;
  for (const { sender, subject } of campaigns) {
    const condition = kql`(SenderFromAddress =~ ${sender} and Subject == ${subject})`;
    left -= condition.length;
    if (left >= 0) conditions.push(condition);
  }
  return `EmailEvents\n| where ${conditions.join("\n    or ")}`;
}

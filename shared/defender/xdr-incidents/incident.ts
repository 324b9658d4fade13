import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

const Comment = z.looseObject({
  comment: z.string().nullish(),
  createdBy: z.string().nullish(),
  createdTime: z.string().nullish(),
});

/** An alert as an incident shows it. A device has `mdeDeviceId` or `DeviceId`. */
const IncidentAlert = z.looseObject({
  alertId: z.string().nullish(),
  serviceSource: z.string().nullish(),
  creationTime: z.string().nullish(),
  lastUpdatedTime: z.string().nullish(),
  title: z.string().nullish(),
  severity: z.string().nullish(),
  status: z.string().nullish(),
  devices: z.array(z.looseObject({ mdeDeviceId: z.string().nullish(), deviceDnsName: z.string().nullish() })).nullish(),
});

/**
 * A group of alerts, as Defender XDR's own interface shows it.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/api-list-incidents
 */
export const XdrIncident = z.looseObject({
  incidentId: WholeNumber,
  redirectIncidentId: WholeNumber.nullish(),
  incidentName: z.string().nullish(),
  createdTime: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
  assignedTo: z.string().nullish(),
  classification: z.string().nullish(),
  determination: z.string().nullish(),
  status: z.string().nullish(),
  severity: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  comments: z.array(Comment).nullish(),
  alerts: z.array(IncidentAlert).nullish(),
});
export type XdrIncident = z.infer<typeof XdrIncident>;

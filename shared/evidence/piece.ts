import { z } from "zod";
import { AlertId } from "../defender/alerts/alert.ts";
import { MachineActionId } from "../defender/machine-actions/machine-action.ts";
import { MachineId } from "../defender/machines/machine.ts";

/** The name of a piece in the store. Made of ids alone: what a device calls a file stands in the custody record only. */
export const EvidenceName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/, "the name of evidence is made of letters, digits, - . _ and /");

/** A piece of evidence in the store, and what proves that it is unchanged. */
export const StoredEvidence = z.object({
  container: z.string(),
  name: z.string(),
  bytes: z.number(),
  /** Lower-case hex of the whole content. */
  sha256: z.string(),
});
export type StoredEvidence = z.infer<typeof StoredEvidence>;

/** What stands for evidence that was never stored. */
export const pretendedEvidence = (name: string): StoredEvidence => ({
  container: "pretended",
  name,
  bytes: 0,
  sha256: "0".repeat(64),
});

const Said = z.string().max(4_096);

/** Where a piece comes from, in Defender's words. Names and paths are the device's own: text to show, never to act on. */
export const Origin = z.object({
  machineName: Said.optional(),
  /** The file on the device, or the script that was run there. */
  path: Said.optional(),
  requestedAt: Said.optional(),
  /** The app, by the name or the id that Defender knows it by, or a person in the portal. */
  requestor: Said.optional(),
  /** Why, as it was told to Defender. */
  comment: Said.optional(),
  collectedAt: Said.optional(),
});
export type Origin = z.infer<typeof Origin>;

/** What a piece is, and for whom and what it was collected. */
export const Piece = z.object({
  name: EvidenceName,
  kind: z.enum(["investigation-package", "live-response-result"]),
  contentType: z.string(),
  machineId: MachineId,
  machineActionId: MachineActionId,
  /** Of the command in its live response session, from 0. */
  commandIndex: z.int().min(0).optional(),
  runId: z.string(),
  playbook: z.string().optional(),
  tenantId: z.string().optional(),
  alertId: AlertId.optional(),
  /** The person who asked for the run; absent where a rule did. */
  requestedBy: z.string().optional(),
  origin: Origin.optional(),
});
export type Piece = z.infer<typeof Piece>;

/** What runbooks may say of a piece beside its ids. It goes on record and decides nothing. */
export const aboutPiece = {
  alertId: AlertId.optional().describe("The alert it is collected for"),
  requestedBy: z.string().max(200).optional().describe("The person who asked for the run"),
  origin: Origin.optional().describe("Where it comes from, as Defender tells it"),
};

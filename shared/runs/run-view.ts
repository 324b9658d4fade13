import { z } from "zod";
import { Mode } from "../mode.ts";

/** One step as people see it. A step repeated in a row, as polling does, is one entry with a count. */
export const RunStep = z.object({
  name: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  state: z.enum(["running", "done", "failed"]),
  times: z.number(),
  /** Why it failed, or what it waits for. */
  reason: z.string().optional(),
});
export type RunStep = z.infer<typeof RunStep>;

/** What a run says of itself while it runs; kept as the orchestration's custom status, which may hold 16 KB. */
export const RunProgress = z.object({
  progress: z.string(),
  steps: z.array(RunStep),
  /** Whether a step was only pretended. */
  isShadow: z.boolean().optional(),
});
export type RunProgress = z.infer<typeof RunProgress>;

export const RunStatus = z.enum(["waiting", "running", "suspended", "finished", "failed", "cancelled"]);

/** A run as the API shows it. */
export const RunView = z.object({
  runId: z.string(),
  playbook: z.string(),
  /** Of the playbook, which the run keeps; absent where it began before versions were kept apart. */
  version: z.number().optional(),
  /** What it does with steps that change something; `shadow` runs have done nothing. */
  mode: Mode.default("act"),
  status: RunStatus,
  progress: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  steps: z.array(RunStep),
  input: z.unknown().optional(),
  /** The person who asked for it with a token of theirs. */
  requestedBy: z.string().optional(),
  /** What the playbook returned, once finished. */
  outcome: z.unknown().optional(),
  /** The same of a run in shadow, which has done nothing. */
  wouldHave: z.unknown().optional(),
  /** Why it failed or was cancelled. */
  reason: z.string().optional(),
});
export type RunView = z.infer<typeof RunView>;

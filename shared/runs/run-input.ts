import { z } from "zod";
import { PersonId } from "../approvals/approval.ts";
import { Mode } from "../mode.ts";

/** What stands beside the parameters of a run; no playbook has parameters of these names. */
const Beside = z.object({ $mode: Mode.default("act"), $requestedBy: PersonId.optional() });

/** How a run is started, beside its parameters. */
export interface RunStart {
  mode: Mode;
  /** The person who has asked for it and has proved who they are: one who approves none of its steps. */
  requestedBy?: string | undefined;
}

/** What a run is started with. Runs that act, and that no person asked for, are started with their parameters alone. */
export const withStart = (input: unknown, { mode, requestedBy }: RunStart): unknown =>
  mode === "act" && requestedBy === undefined
    ? input
    : {
        ...(input as object),
        ...(mode !== "act" && { $mode: mode }),
        ...(requestedBy !== undefined && { $requestedBy: requestedBy }),
      };

/** What a run was started with. */
export function splitStart(stored: unknown): RunStart & { input: unknown } {
  if (typeof stored !== "object" || stored === null) return { input: stored, mode: "act" };
  const { $mode, $requestedBy, ...input } = stored as Record<string, unknown>;
  const beside = Beside.parse({ $mode, $requestedBy });
  return { input, mode: beside.$mode, requestedBy: beside.$requestedBy };
}

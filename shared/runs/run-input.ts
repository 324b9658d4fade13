import { Mode } from "../mode.ts";

/** Where the mode of a run stands beside its parameters; no playbook has a parameter of this name. */
const MODE = "$mode";

/** What a run is started with. Runs that act are started with their parameters alone, as they always were. */
export const withMode = (input: unknown, mode: Mode): unknown =>
  mode === "act" ? input : { ...(input as object), [MODE]: mode };

/** What a run was started with. */
export function splitMode(stored: unknown): { input: unknown; mode: Mode } {
  if (typeof stored !== "object" || stored === null || !(MODE in stored)) return { input: stored, mode: "act" };
  const { [MODE]: mode, ...input } = stored as Record<string, unknown>;
  return { input, mode: Mode.parse(mode) };
}

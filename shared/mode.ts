import { z } from "zod";

/**
 * What a run does with steps that change something: takes them, asks a person first, or only records what it would have
 * done.
 */
export const Mode = z.enum(["act", "ask", "shadow"]);
export type Mode = z.infer<typeof Mode>;

/** The mode of what a run starts: never freer than its own. */
export const modeUnder = (own: Mode = "act", wanted?: Mode): Mode | undefined =>
  own === "act" ? wanted : own === "shadow" || wanted === "shadow" ? "shadow" : own;

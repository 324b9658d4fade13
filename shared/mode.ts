import { z } from "zod";

/**
 * What a run does with steps that change something: takes them, asks a person first, or only records what it would have
 * done.
 */
export const Mode = z.enum(["act", "ask", "shadow"]);
export type Mode = z.infer<typeof Mode>;

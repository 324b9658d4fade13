import { z } from "zod";

/** Without one, a step that asks for what the run has asked for before is taken for the same step once more. */
export const StepKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "a key has at most 32 lower-case letters, digits and -")
  .describe("Tells apart steps of one run that ask for the same, such as `before` and `after`");

/** What a person gave back since then stays given back, however late the step gets to ask. */
export const AskedAt = z.iso.datetime().describe("When the run first wanted it; a release asked for since then stands");

/** Why something is asked for. Defender refuses a request without it, and shows it to people beside the action. */
export const ActionComment = z.string().min(1).describe("Why, for people who see the action in Defender");

import { z } from "zod";

/** Why something is asked for. Defender refuses a request without it, and shows it to people beside the action. */
export const ActionComment = z.string().min(1).describe("Why, for people who see the action in Defender");

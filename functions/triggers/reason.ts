import { z } from "zod";
import { Problem } from "./http.ts";

/** Who turns something on or off by hand, and why: it goes on record. */
export const Reason = z.strictObject({
  by: z.string().trim().min(1).max(200).describe("Who asks for it"),
  reason: z.string().trim().min(1).max(500),
});
export type Reason = z.infer<typeof Reason>;

/** @throws Problem 400 naming what is missing */
export function readReason<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const { data, error } = schema.safeParse(body);
  if (error) throw new Problem(400, "The request does not say who asks, and why", z.prettifyError(error));
  return data;
}

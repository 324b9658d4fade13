import { z } from "zod";

/** A 64-bit integer of the service: a number where a double can hold it, else the text of its digits. */
export const WholeNumber = z.union([z.number(), z.string().regex(/^-?\d+$/)]);
export type WholeNumber = z.infer<typeof WholeNumber>;

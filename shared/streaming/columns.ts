import { z } from "zod";

/** An unknown value is null, `""` or missing; all three become undefined. A value of a surprising kind does too. */
export const Text = z
  .union([z.string(), z.number().transform(String), z.boolean().transform(String)])
  .nullish()
  .transform((text) => (text === null || text === "" ? undefined : text))
  .catch(undefined);

/**
 * A list of texts. The stream writes it as JSON text (`["Discovery"]`), other surfaces as an array, and an empty one as
 * `""`; text that is no JSON counts as one item.
 */
export const TextList = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === "string" ? listInText(value) : value))
  .transform((value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string" && item !== "") : []))
  .transform((items): string[] => items);

function listInText(text: string): unknown {
  if (!text.trimStart().startsWith("[")) return [text];
  try {
    return JSON.parse(text);
  } catch {
    return [text];
  }
}

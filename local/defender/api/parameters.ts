import { ApiError } from "./error.ts";

/** A parameter of a response action. All of them are texts. */
export interface Parameter {
  required?: true;
  oneOf?: readonly string[];
  pattern?: { test(value: string): boolean; code: string };
}

/**
 * Checks the body of a response action. Names are case-sensitive, and a name that is not known is refused, so that
 * `comment` for `Comment` does not pass unnoticed.
 *
 * @throws ApiError `InvalidRequestBody`, `MissingRequiredParameter`, `InvalidInput` or the pattern's own code
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export function readParameters<Name extends string>(
  body: unknown,
  known: Record<Name, Parameter>,
): Partial<Record<Name, string>> {
  const given = readObject(body);
  for (const name of Object.keys(given)) {
    if (!(name in known)) {
      throw new ApiError(
        400,
        "InvalidRequestBody",
        `'${name}' is not a parameter of this call. Names are case-sensitive.`,
      );
    }
  }
  for (const [name, parameter] of Object.entries<Parameter>(known)) checkParameter(name, given[name], parameter);
  return given as Partial<Record<Name, string>>;
}

/** The body as an object, or a refusal. */
export function readObject(body: unknown): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ApiError(400, "InvalidRequestBody", "The request body must be a JSON object.");
  }
  return body as Record<string, unknown>;
}

function checkParameter(name: string, value: unknown, { required, oneOf, pattern }: Parameter): void {
  if (value === undefined || value === null || value === "") {
    if (required) throw new ApiError(400, "MissingRequiredParameter", `The parameter '${name}' is required.`);
    return;
  }
  if (typeof value !== "string") throw new ApiError(400, "InvalidRequestBody", `'${name}' must be a text.`);
  if (oneOf && !oneOf.includes(value)) {
    throw new ApiError(400, "InvalidInput", `'${name}' must be one of ${oneOf.join(", ")}.`);
  }
  if (pattern && !pattern.test(value)) throw new ApiError(400, pattern.code, `'${value}' is not a valid ${name}.`);
}

/**
 * A list of texts of limited length.
 *
 * @throws ApiError `InvalidRequestBody` without a list, `InvalidInput` if it is too short, `MaximumBatchSizeExceeded`
 */
export function readList(name: string, given: unknown, most: number, least = 1): string[] {
  if (!Array.isArray(given) || given.some((value) => typeof value !== "string")) {
    throw new ApiError(400, "InvalidRequestBody", `'${name}' must be a list of texts. Names are case-sensitive.`);
  }
  checkSize(name, given, most, least);
  return given as string[];
}

/** @throws ApiError `InvalidInput` if there are too few, `MaximumBatchSizeExceeded` if there are too many */
export function checkSize(name: string, given: unknown[], most: number, least = 1): void {
  if (given.length < least) throw new ApiError(400, "InvalidInput", `'${name}' must not be empty.`);
  if (given.length > most) {
    const message = `The number of ${name} is ${given.length}; the maximum allowed is ${most}.`;
    throw new ApiError(400, "MaximumBatchSizeExceeded", message);
  }
}

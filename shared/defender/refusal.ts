import { z } from "zod";
import type { Call } from "./call.ts";
import { type CallFailure, DefenderConflictError, DefenderNotFoundError, DefenderRefusedError } from "./error.ts";
import { readToken } from "./token-claims.ts";

const ErrorBody = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish(), target: z.string().nullish() }),
});

/** What a refusal says of itself. Gateways answer with HTML or nothing at all, the OData layer with an empty code. */
export function readErrorBody(body: unknown, status: number): { code: string; message: string; target?: string } {
  const error = ErrorBody.safeParse(body).data?.error;
  return {
    code: error?.code || `Http${status}`,
    message: error?.message || "no reason given",
    ...(error?.target && { target: error.target }),
  };
}

/** The error for a refused request, in the words a person can act on; for a 403 with the right that is missing. */
export function toRefusal(call: Call, failure: CallFailure, reason: string, token: string): DefenderRefusedError {
  const { method, path, status, code, correlationId } = failure;
  const correlation = correlationId ? ` (correlation id ${correlationId})` : "";
  const said = `${method} ${path} answered ${status} ${code}: ${reason}${correlation}`;
  if (status === 404) return new DefenderNotFoundError(said, failure);
  if (status === 400 && isAlreadyActive(code, reason)) return new DefenderConflictError(said, failure);
  if (status !== 403) return new DefenderRefusedError(said, failure);

  const { granted, audience, appId } = readToken(token);
  const [needed = ""] = call.permissions;
  // Without any permission in it the token was made out for something else, or is none we can read.
  if (!granted) return new DefenderRefusedError(`${said}. The call needs the permission ${needed}`, failure, needed);
  if (call.permissions.some((permission) => grants(granted, permission))) {
    const advice = `The token has ${needed}, so look at its audience (${audience}), the device group, and whether the feature is switched on`;
    return new DefenderRefusedError(`${said}. ${advice}`, failure);
  }
  const advice = `The permission ${call.permissions.join(" or ")} is missing: grant it to the app ${appId} and give admin consent`;
  return new DefenderRefusedError(`${said}. ${advice}`, failure, needed);
}

/** A user's token spells most permissions without the `.All` of the application's. */
const grants = (granted: readonly string[], permission: string): boolean =>
  granted.includes(permission) || granted.includes(permission.replace(/\.All$/, ""));

/** Some services send only the text, without the code. */
const isAlreadyActive = (code: string, reason: string): boolean =>
  code === "ActiveRequestAlreadyExists" || /already in progress/i.test(reason);

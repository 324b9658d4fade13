import type { HttpRequest } from "@azure/functions";
import {
  type CheckToken,
  createTokenCheck,
  TokenRefused,
  type TokenSetting,
} from "../../shared/access/person-of-token.ts";
import { approverOf } from "../../shared/approvals/approver.ts";
import type { Policy } from "../../shared/policy/policy.ts";
import { Problem } from "./http.ts";

/** Finds out who asks for something with a request, by the name under which approvals know them. */
export type RequesterOf = (request: HttpRequest) => Promise<string | undefined>;

/** The bearer token of a request. */
export const bearerToken = ({ headers }: HttpRequest): string | undefined =>
  /^Bearer ([\w.~+/=-]+)$/.exec(headers.get("authorization") ?? "")?.[1];

/**
 * Who asks, as their Entra token proves. A function key lets a request in and says of nobody who it is: without a token
 * there is no requester. A token that is not good is refused, lest somebody be let approve what they have asked for.
 *
 * @param tokens absent: no token is taken
 */
export function createRequesterOf({ policy }: { policy: () => Policy }, tokens: TokenSetting | undefined): RequesterOf {
  const check: CheckToken | undefined = tokens && createTokenCheck(tokens);
  return async (request) => {
    if (!request.headers.has("authorization")) return undefined;
    const token = bearerToken(request);
    if (!check || !token) {
      const detail = "Set ENTRA_AUDIENCE to the app's own registration, and send a bearer token, or send none.";
      throw new Problem(401, "Who asks cannot be found out", detail);
    }
    try {
      const person = await check(token);
      return approverOf(policy().approvals, person)?.id ?? person.name;
    } catch (error) {
      if (error instanceof TokenRefused) throw new Problem(401, "The token cannot be used", error.message);
      throw error;
    }
  };
}

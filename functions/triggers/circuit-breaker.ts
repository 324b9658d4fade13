import { type CircuitBreaker, closed } from "../../shared/policy/circuit-breaker.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { readJsonObject, registerRoute } from "./http.ts";
import { Reason, readReason } from "./reason.ts";

/**
 * The circuit breaker: while it is open, nothing is contained. It opens by itself and is closed by a person.
 *
 * `GET /api/circuit-breaker` tells how it stands, and what failed last. `POST /api/circuit-breaker/close` closes it,
 * `{"by", "reason"}`; safe to repeat, and on record.
 */
export function registerCircuitBreaker({ policyState, audit }: Pick<Services, "policyState" | "audit">): void {
  registerRoute({
    name: "showCircuitBreaker",
    method: "GET",
    route: "circuit-breaker",
    handle: async () => ({ jsonBody: toView((await policyState.read()).breaker) }),
  });
  registerRoute({
    name: "closeCircuitBreaker",
    method: "POST",
    route: "circuit-breaker/close",
    async handle(request, _, context) {
      const asked = readReason(Reason, await readJsonObject(request));
      const breaker = await policyState.changeBreaker((now, at) => closed(now, { ...asked, at }));
      context.warn(logLine("circuit breaker closed", asked));
      await audit.record({
        runId: "circuit-breaker",
        activity: "circuitBreaker",
        effect: "write",
        event: "done",
        reason: `closed by ${asked.by}: ${asked.reason}`,
      });
      return { jsonBody: toView(breaker) };
    },
  });
}

const toView = ({ isOpen, since, reason, by, failures }: CircuitBreaker) => ({ isOpen, since, reason, by, failures });

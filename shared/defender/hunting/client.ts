import { PermanentError } from "../../errors.ts";
import type { Send } from "../send.ts";
import { huntingCalls } from "./calls.ts";
import { type HuntingResult, toHuntingResult } from "./result.ts";

/** Which service hunting queries are sent to. */
export type HuntingService = "graph" | "defender";

/** Runs queries over what machines reported in the last 30 days. */
export const createHunting = (send: Send, service: HuntingService) => ({
  /**
   * Runs a query; at most 100,000 rows come back. Put values into it with `kql`.
   *
   * @param options.timespan ISO 8601, e.g. `P7D`; only Graph takes one, elsewhere the query itself says which time it means
   * @throws PermanentError `InvalidInput` for a timespan where Graph is not asked
   */
  async run(query: string, { timespan }: { timespan?: string | undefined } = {}): Promise<HuntingResult> {
    if (service === "graph") {
      const body = { Query: query, ...(timespan && { Timespan: timespan }) };
      return toHuntingResult(await send(huntingCalls.graph, { body }));
    }
    if (timespan)
      throw new PermanentError("InvalidInput", "Only Graph takes a timespan: say in the query which time it means");
    return toHuntingResult(await send(huntingCalls.defender, { body: { Query: query } }));
  },
});

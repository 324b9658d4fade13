import { app } from "@azure/functions";
import * as df from "durable-functions";
import { settleLeftovers } from "../../shared/intake/settle.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

/** Sees every five minutes to incomplete alerts that nobody looks at any more. */
export function registerSettleLeftovers(
  { pending }: Pick<Services, "pending">,
  { settleSeconds }: { settleSeconds: number },
): void {
  app.timer("settleLeftovers", {
    schedule: "15 */5 * * * *",
    extraInputs: [df.input.durableClient()],
    async handler(_, context) {
      const runs = createRunControl(df.getClient(context));
      const alerts = await settleLeftovers({ pending, runs, settleSeconds }, new Date());
      if (alerts > 0) context.warn(logLine("incomplete alerts were left over, and are looked at again", { alerts }));
    },
  });
}

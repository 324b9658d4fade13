import { app } from "@azure/functions";
import * as df from "durable-functions";
import { lookAtEndless } from "../../shared/leases/keep-lease.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

/** Has runs look once a day whether devices whose isolation has no end were released in Defender. */
export function registerLookAtLeases(services: Pick<Services, "leases" | "tenantId">): void {
  app.timer("lookAtLeases", {
    schedule: "0 15 4 * * *",
    extraInputs: [df.input.durableClient()],
    async handler(_, context) {
      const looked = await lookAtEndless({ ...services, runs: createRunControl(df.getClient(context)) });
      context.info(logLine("isolations without an end are looked at", { looked }));
    },
  });
}

import { app } from "@azure/functions";
import * as df from "durable-functions";
import { holdUnheld, lookAtEndless } from "../../shared/leases/keep-lease.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";

/**
 * Has runs look once a day whether devices whose isolation has no end were released in Defender, and sees to ends that no
 * run sees to.
 */
export function registerLookAtLeases(services: Pick<Services, "leases" | "tenantId">): void {
  app.timer("lookAtLeases", {
    schedule: "0 15 4 * * *",
    extraInputs: [df.input.durableClient()],
    async handler(_, context) {
      const reach = { ...services, runs: createRunControl(df.getClient(context)) };
      const unheld = await holdUnheld(reach);
      const looked = await lookAtEndless(reach);
      context.info(logLine("isolations are looked at", { looked, unheld }));
    },
  });
}

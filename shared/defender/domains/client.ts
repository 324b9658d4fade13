import { Alert } from "../alerts/alert.ts";
import { type LookBack, lookBackQuery } from "../look-back.ts";
import { Machine } from "../machines/machine.ts";
import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { domainCalls } from "./calls.ts";

/** Looks domains up. */
export const createDomains = (send: Send) => ({
  statistics: (domain: string, lookBack: LookBack = {}) =>
    send(domainCalls.statistics, { ids: { domain }, query: lookBackQuery(lookBack) }),

  /** The machines that talked to it, 500 at most: Defender gives no more. */
  machines: (domain: string) => linkedRowsOf(send, domainCalls.machines, { ids: { domain } }, { row: Machine }),

  alerts: (domain: string) => linkedRowsOf(send, domainCalls.alerts, { ids: { domain } }, { row: Alert }),
});

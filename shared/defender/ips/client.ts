import { Alert } from "../alerts/alert.ts";
import { type LookBack, lookBackQuery } from "../look-back.ts";
import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { ipCalls } from "./calls.ts";

/** Looks IP addresses up. */
export const createIps = (send: Send) => ({
  statistics: (ip: string, lookBack: LookBack = {}) =>
    send(ipCalls.statistics, { ids: { ip }, query: lookBackQuery(lookBack) }),

  alerts: (ip: string) => linkedRowsOf(send, ipCalls.alerts, { ids: { ip } }, { row: Alert }),
});

import { Alert } from "../alerts/alert.ts";
import { Machine } from "../machines/machine.ts";
import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import type { AccountName } from "./account-name.ts";
import { userCalls } from "./calls.ts";

/** Looks users up. */
export const createUsers = (send: Send) => ({
  machines: (accountName: AccountName) =>
    linkedRowsOf(send, userCalls.machines, { ids: { accountName } }, { row: Machine }),

  alerts: (accountName: AccountName) => linkedRowsOf(send, userCalls.alerts, { ids: { accountName } }, { row: Alert }),
});

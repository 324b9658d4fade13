import { Alert } from "../alerts/alert.ts";
import { type LookBack, lookBackQuery } from "../look-back.ts";
import type { Sha1 } from "../machine-actions/sha1.ts";
import { Machine } from "../machines/machine.ts";
import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { fileCalls } from "./calls.ts";
import type { FileHash } from "./file.ts";

/** Looks files up. A SHA-256 becomes a SHA-1 by reading the file: machines and alerts are found by SHA-1 only. */
export const createFiles = (send: Send) => ({
  /** @throws DefenderNotFoundError when the file is unknown */
  get: (hash: FileHash | Sha1) => send(fileCalls.get, { ids: { hash } }),

  /** @throws DefenderNotFoundError when the file is unknown */
  statistics: (hash: FileHash | Sha1, lookBack: LookBack = {}) =>
    send(fileCalls.statistics, { ids: { hash }, query: lookBackQuery(lookBack) }),

  /** The machines it was seen on; none for a file that is unknown. */
  machines: (sha1: Sha1) => linkedRowsOf(send, fileCalls.machines, { ids: { sha1 } }, { row: Machine }),

  /** The alerts it has to do with; none for a file that is unknown. */
  alerts: (sha1: Sha1) => linkedRowsOf(send, fileCalls.alerts, { ids: { sha1 } }, { row: Alert }),
});

import { allOf, linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { scoreCalls } from "./calls.ts";
import { Score } from "./score.ts";

/** Reads how exposed, and how well configured, machines are as a whole. */
export const createScores = (send: Send) => ({
  exposure: () => send(scoreCalls.exposure, {}),
  /** One for each device group. */
  exposureByGroup: () => allOf(linkedRowsOf(send, scoreCalls.exposureByGroup, {}, { row: Score })),
  /** Microsoft Secure Score for Devices. */
  configuration: () => send(scoreCalls.configuration, {}),
});

import { z } from "zod";
import type { IndicatorType, NewIndicator } from "../../shared/defender/indicators/indicator.ts";
import { StepFailed } from "../../shared/errors.ts";
import { overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { submitIndicator } from "../activities/submit-indicator.ts";
import { type Came, cameOfFailedStep } from "./follow-and-tell.ts";
import { type AboutAlert, describeAbout } from "./ticket-of-run.ts";

const DAY_MS = 86_400_000;

/** Of the alerts that an indicator raises. */
const LONGEST_TITLE = 200;

/** For how long an indicator stays. One that never ends is still there when nobody knows why. */
export const expiryDays = z
  .number()
  .nonnegative()
  .max(3_650)
  .default(90)
  .describe("After how many days Defender forgets the indicator; 0 = never");

interface Block {
  what: string;
  indicatorType: IndicatorType;
  indicatorValue: string;
  action: NewIndicator["action"];
  expiryDays: number;
}

/** Has Defender block a value on all devices, for as long as people said. */
export function* blockIndicator(
  run: Run,
  about: AboutAlert,
  { what, expiryDays: days, ...indicator }: Block,
): Steps<Came & { indicatorId?: string }> {
  run.report(`${what}: requesting`);
  const end = days > 0 ? new Date(run.now().getTime() + days * DAY_MS).toISOString() : undefined;
  const submitted = yield* overOutages(run, () =>
    run.step(submitIndicator, {
      ...indicator,
      title: oneLine(what, LONGEST_TITLE),
      description: `${what}, for ${describeAbout(about)}. Run ${run.id}.`,
      severity: "High",
      ...(end && { expirationTime: end }),
    }),
  );
  if (submitted instanceof StepFailed) return cameOfFailedStep(submitted);
  const until = end ? `until ${end} (UTC)` : "without an end";
  const words = `done, as indicator ${submitted.id}, ${until}. It reaches devices after a while, up to some hours`;
  return { outcome: "done", words, indicatorId: submitted.id };
}

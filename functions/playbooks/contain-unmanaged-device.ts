import { z } from "zod";
import { isOnboarded, machineLabel } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { containUnmanagedMachine } from "../activities/contain-unmanaged-machine.ts";
import { getMachine } from "../activities/get-machine.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";

const WHAT = "Containment";

/** Has the managed devices refuse to talk to one that Defender does not manage; `contain-device` isolates one it does. */
export const containUnmanagedDevice = defineRunbook({
  name: "contain-unmanaged-device",
  version: 1,
  summary: "Has all onboarded devices refuse to talk to one that is not onboarded.",
  when: "A device that is not onboarded takes part in an attack, as when it spreads to onboarded ones.",
  does: "Looks that the device is not onboarded, has Defender contain it, follows that to its end, and says on ticket and alert what came of it.",
  asks: "Nobody by itself; the policy judges the device as it does before an isolation.",
  never:
    "Touches a device that is onboarded, or of which Defender does not say, and ends the containment by itself. Devices that are not onboarded go on talking to it.",
  undo: "`POST /api/runs/{id}/undo` lets onboarded devices talk to it again.",
  uses: [containUnmanagedMachine, ...CARRYING_OUT],
  input: z.object(onMachine),

  *steps(run, input) {
    const { machineId } = input;
    const askedAt = run.now().toISOString();
    const containment = yield* carryOut(run, input, {
      what: WHAT,
      *request() {
        const machine = yield* run.step(getMachine, { machineId });
        if (isOnboarded(machine) !== false) throw managed(machineLabel(machine), machine.onboardingStatus);
        return yield* run.step(containUnmanagedMachine, { machineId, comment: commentFor(WHAT, input), askedAt });
      },
    });
    const isContained = containment.outcome === "done";
    return yield* containment.close(isContained ? "Onboarded devices refuse to talk to it; others do not." : undefined);
  },
});

/** What comes of a containment of a managed device Microsoft does not say, so it is not asked for. */
const managed = (name: string, status: string | null | undefined): StepFailed =>
  new StepFailed(
    containUnmanagedMachine.name,
    "NotUnmanaged",
    status
      ? `${name} is onboarded: run contain-device to isolate it`
      : `Defender does not say whether ${name} is onboarded`,
  );

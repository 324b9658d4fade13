import { z } from "zod";
import { MachineId, machineLabel } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, type Run, type Steps } from "../../shared/playbook.ts";
import { getMachine } from "../activities/get-machine.ts";
import { type Came, describeRequested, type Errand, followAndTell, request } from "./follow-and-tell.ts";
import { FOLLOWING } from "./follow-machine-action.ts";
import { type AboutAlert, aboutAlert, describeAbout, openTicketOfRun, TELLING } from "./ticket-of-run.ts";

/** The activities it takes to carry something out on a machine, beside that which asks for it. */
export const CARRYING_OUT: readonly Activity[] = [getMachine, ...TELLING, ...FOLLOWING];

/** What runbooks take that do something on one machine. */
export const onMachine = {
  machineId: MachineId.describe("Defender's id of the device, never its name"),
  ...aboutAlert,
  queuedAfterSeconds: z.number().positive().max(86_400).default(120).describe("When to say that the device is offline"),
};
type OnMachine = z.output<z.ZodObject<typeof onMachine>>;

/** Something that was carried out on a machine, or was not. */
export interface CarriedOut extends Came {
  /** Says on ticket and alert how it ended, and gives the outcome of the run. */
  close(more?: string): Steps<Closed>;
}

export interface Closed extends Pick<Came, "outcome" | "words"> {
  alertId: string | undefined;
  machineId: string;
  machineName: string;
  machineActionId: string | undefined;
  ticketId: string | undefined;
  alertUpdated: boolean;
}

/**
 * Asks Defender for something on one machine, opens the ticket, and follows it to its end. It is asked for first of all:
 * the policy reads the machine by itself.
 */
export function* carryOut(run: Run, input: OnMachine, errand: Errand): Steps<CarriedOut> {
  const { machineId } = input;
  const { what } = errand;
  const requested = yield* request(run, errand);
  const machine = yield* attempt(run.step(getMachine, { machineId }));
  const machineName = machine instanceof StepFailed ? machineId : machineLabel(machine);
  const ticket = yield* openTicketOfRun(run, input, {
    title: `${what} on ${machineName}`,
    lines: [
      `${what}, for ${describeAbout(input)}.`,
      machine instanceof StepFailed
        ? `Device: ${machineId}, could not be read (${machine.reason}).`
        : `Device: ${machineName} (${machineId}), ${machine.osPlatform ?? "system unknown"}.`,
      `${what}: ${describeRequested(requested)}.`,
    ],
  });
  const came = yield* followAndTell(run, requested, {
    ...errand,
    queuedAfter: { seconds: input.queuedAfterSeconds },
    tell: (words) => ticket.tell("queued", words),
  });

  return {
    ...came,
    *close(more) {
      const words = `${what}: ${came.words}`;
      const told = yield* ticket.close(more ? `${words}. ${more}` : `${words}.`);
      const { alertId } = input;
      return {
        outcome: came.outcome,
        words,
        alertId,
        machineId,
        machineName,
        machineActionId: came.action?.id,
        ...told,
      };
    },
  };
}

/** The comment of a request, for people who see it in Defender. */
export const commentFor = (what: string, about: AboutAlert): string => `${what} for ${describeAbout(about)}`;

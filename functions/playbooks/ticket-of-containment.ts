import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import { type MachineId, machineLabel } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, mayPass, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { getMachine } from "../activities/get-machine.ts";
import { listLoggedOnUsers } from "../activities/list-logged-on-users.ts";
import { openTicket } from "../activities/open-ticket.ts";
import { setTicketStatus } from "../activities/set-ticket-status.ts";
import { commentOnAlert, describeDevice, noteOnTicket } from "./containment.ts";
import { incidentOf } from "./ticket-of-run.ts";

/** The ticket of a containment. A ticket system that is down holds nothing up: what it has missed it is told later. */
export interface TicketOfContainment {
  /** Opens it with what is known of the device, or notes on it how things stand. @returns the name of the device */
  open(state: string): Steps<string>;
  /** Opens it where that was not possible so far. */
  catchUp(): Steps<void>;
  /** Its name for people, or that there is none. */
  inWords(): string;
  id(): string | undefined;
  /**
   * Says how the containment ended. Where people have closed the ticket meanwhile, it is opened again for a device that is
   * not isolated; one that is stays so, and the ticket says it.
   */
  close(words: string, isIsolated: boolean): Steps<void>;
  /** Makes up for what a ticket system that was down has missed, for up to a day. */
  makeUp(): Steps<void>;
}

interface About {
  about: string;
  machineId: MachineId;
  alertId?: AlertId | undefined;
  alertTitle?: string | undefined;
  tenantId?: string | undefined;
  incidentId?: string | undefined;
  severity: string;
}

export function ticketOfContainment(run: Run, input: About): TicketOfContainment {
  const { machineId, alertId, severity } = input;
  let known: { machineName: string; title: string; lines: string[]; incident: string | undefined } | undefined;
  let id: string | undefined;
  /** Not for good, as far as is known. */
  let isMissing = false;
  let owed: string | undefined;

  function* look() {
    const machine = yield* attempt(run.step(getMachine, { machineId }));
    const users = yield* attempt(run.step(listLoggedOnUsers, { machineId }));
    const machineName = machine instanceof StepFailed ? machineId : machineLabel(machine);
    const title = `${severity}: ${input.alertTitle ?? "device containment"} on ${machineName}`;
    const lines = describeDevice({ about: input.about, machine, users });
    return { machineName, title, lines, incident: yield* incidentOf(run, input) };
  }

  function* tryOpening(state: string): Steps<{ id: string }> {
    known ??= yield* look();
    const { title, lines, incident } = known;
    return yield* run.step(openTicket, { title, description: [...lines, state].join("\n"), severity, incident });
  }

  function* begin(state: string): Steps<void> {
    const opened = yield* attempt(tryOpening(state));
    isMissing = opened instanceof StepFailed && mayPass(opened.code);
    if (!(opened instanceof StepFailed)) id = opened.id;
  }

  const ticket: TicketOfContainment = {
    *open(state) {
      if (id) yield* noteOnTicket(run, "asked", state);
      else yield* begin(state);
      return known?.machineName ?? machineId;
    },
    *catchUp() {
      if (isMissing) yield* begin(LATE);
    },
    inWords: () => (id ? `Ticket ${id}.` : `No ticket could be opened${isMissing ? " yet" : ""}.`),
    id: () => id,
    *close(words, isIsolated) {
      yield* ticket.catchUp();
      const noted = yield* attempt(run.step(addTicketNote, { key: "closing", text: words }));
      if (noted instanceof StepFailed) {
        if (isMissing || mayPass(noted.code)) owed = words;
      } else if (noted.status === "closed") {
        if (isIsolated)
          yield* noteOnTicket(run, "closed", "People have closed this ticket. The device stays isolated.");
        else yield* attempt(run.step(setTicketStatus, { status: "open" }));
      }
    },
    *makeUp() {
      if (owed === undefined) return;
      const text = owed;
      if (isMissing) {
        const opened = yield* overOutages(run, () => tryOpening(LATE));
        if (opened instanceof StepFailed) return;
        id = opened.id;
        yield* commentOnAlert(run, alertId, "ticket", `Ticket ${id} is open now.`);
      }
      yield* overOutages(run, () => run.step(addTicketNote, { key: "closing", text }));
    },
  };
  return ticket;
}

const LATE = "The ticket system could not be reached when the device was contained.";

import type { Activity } from "../../shared/playbook.ts";
import { addTicketNote } from "./add-ticket-note.ts";
import { admitAlert } from "./admit-alert.ts";
import { collectInvestigationPackage } from "./collect-investigation-package.ts";
import { getAlert } from "./get-alert.ts";
import { getMachine } from "./get-machine.ts";
import { getMachineAction } from "./get-machine-action.ts";
import { isolateMachine } from "./isolate-machine.ts";
import { listLoggedOnUsers } from "./list-logged-on-users.ts";
import { openTicket } from "./open-ticket.ts";
import { storePackage } from "./store-package.ts";
import { updateAlert } from "./update-alert.ts";

export const activities: Activity[] = [
  addTicketNote,
  admitAlert,
  collectInvestigationPackage,
  getAlert,
  getMachine,
  getMachineAction,
  isolateMachine,
  listLoggedOnUsers,
  openTicket,
  storePackage,
  updateAlert,
];

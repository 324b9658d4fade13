import type { LazyTable } from "../storage/lazy-table.ts";
import { createAzureDevOps } from "./azure-devops/azure-devops.ts";
import { createGitHub } from "./github/github.ts";
import { createJira } from "./jira/jira.ts";
import { createOutsideTicketStore, type TicketSystem } from "./outside-ticket-store.ts";
import { createServiceNow } from "./servicenow/servicenow.ts";
import { createTableTicketStore } from "./table-ticket-store.ts";
import { createTheHive } from "./thehive/thehive.ts";
import type { TicketStore } from "./ticket.ts";
import type { OutsideName, TicketSettings } from "./ticket-settings.ts";

type Create = (settings: TicketSettings, now?: () => Date) => TicketSystem;

const SYSTEMS: Record<OutsideName, Create> = {
  servicenow: createServiceNow,
  jira: createJira,
  "azure-devops": createAzureDevOps,
  github: createGitHub,
  thehive: createTheHive,
};

export const createOutsideSystem: Create = (settings, now) => SYSTEMS[settings.system](settings, now);

/** The tickets of the system that the app settings name, else those of the app itself. */
export const createTicketStore = (settings: TicketSettings | undefined, table: LazyTable): TicketStore =>
  settings ? createOutsideTicketStore(createOutsideSystem(settings), table) : createTableTicketStore(table);

import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { authenticatedScanCalls } from "./calls.ts";
import { type NewScanDefinition, ScanAgent, ScanDefinition, ScanRecord } from "./scan.ts";

const SNMP = "#microsoft.windowsDefenderATP.api.SnmpAuthParams";

const bodyOf = ({ signIn, ...definition }: Partial<NewScanDefinition>) => ({
  scanType: "Network",
  ...definition,
  ...(signIn && { scanAuthenticationParams: { "@odata.type": SNMP, ...signIn } }),
});

/** Has machines scan network devices that carry no sensor. */
export const createAuthenticatedScans = (send: Send) => ({
  definitions: () => linkedRowsOf(send, authenticatedScanCalls.definitions, {}, { row: ScanDefinition }),

  /** Not safe to repeat: each call makes a definition of its own. */
  create: (definition: NewScanDefinition & Required<Pick<NewScanDefinition, "signIn">>) =>
    send(authenticatedScanCalls.create, { body: bodyOf(definition) }),

  update: (scanDefinitionId: string, definition: NewScanDefinition) =>
    send(authenticatedScanCalls.update, { ids: { scanDefinitionId }, body: bodyOf(definition) }),

  batchDelete: (scanDefinitionIds: readonly string[]) =>
    send(authenticatedScanCalls.batchDelete, { body: { ScanDefinitionIds: scanDefinitionIds } }),

  historyByDefinition: (scanDefinitionIds: readonly string[]) =>
    linkedRowsOf(
      send,
      authenticatedScanCalls.historyByDefinition,
      { body: { ScanDefinitionIds: scanDefinitionIds } },
      { row: ScanRecord },
    ),

  historyBySession: (sessionIds: readonly string[]) =>
    linkedRowsOf(
      send,
      authenticatedScanCalls.historyBySession,
      { body: { SessionIds: sessionIds } },
      { row: ScanRecord },
    ),

  agents: () => linkedRowsOf(send, authenticatedScanCalls.agents, {}, { row: ScanAgent }),
  agent: (scanAgentId: string) => send(authenticatedScanCalls.agent, { ids: { scanAgentId } }),
});

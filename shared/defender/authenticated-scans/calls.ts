import { z } from "zod";
import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { ScanAgent, ScanDefinition } from "./scan.ts";

const READ = ["Machine.Read.All"];
const CHANGE = ["Machine.ReadWrite.All"];

/** The calls on authenticated scans of devices that carry no sensor. */
export const authenticatedScanCalls = {
  definitions: defineCall({
    name: "authenticatedScans.definitions",
    method: "GET",
    path: "/api/DeviceAuthenticatedScanDefinitions",
    permissions: READ,
    page: "get-all-scan-definitions",
    answer: Page,
  }),
  create: defineCall({
    name: "authenticatedScans.create",
    method: "POST",
    path: "/api/DeviceAuthenticatedScanDefinitions",
    permissions: CHANGE,
    page: "add-a-new-scan-definition",
    answer: ScanDefinition,
  }),
  update: defineCall({
    name: "authenticatedScans.update",
    method: "PATCH",
    path: "/api/DeviceAuthenticatedScanDefinitions/{scanDefinitionId}",
    permissions: CHANGE,
    page: "add-a-new-scan-definition",
    answer: ScanDefinition,
  }),
  batchDelete: defineCall({
    name: "authenticatedScans.batchDelete",
    method: "POST",
    path: "/api/DeviceAuthenticatedScanDefinitions/BatchDelete",
    permissions: CHANGE,
    page: "add-a-new-scan-definition",
    answer: z.unknown(),
  }),
  historyByDefinition: defineCall({
    name: "authenticatedScans.historyByDefinition",
    method: "POST",
    path: "/api/DeviceAuthenticatedScanDefinitions/GetScanHistoryByScanDefinitionId",
    permissions: READ,
    page: "get-scan-history-by-definition",
    answer: Page,
  }),
  historyBySession: defineCall({
    name: "authenticatedScans.historyBySession",
    method: "POST",
    path: "/api/DeviceAuthenticatedScanDefinitions/GetScanHistoryBySessionId",
    permissions: READ,
    page: "get-scan-history-by-session",
    answer: Page,
  }),
  agents: defineCall({
    name: "authenticatedScans.agents",
    method: "GET",
    path: "/api/DeviceAuthenticatedScanAgents",
    permissions: READ,
    page: "get-all-scan-agents",
    answer: Page,
  }),
  agent: defineCall({
    name: "authenticatedScans.agent",
    method: "GET",
    path: "/api/DeviceAuthenticatedScanAgents/{scanAgentId}",
    permissions: READ,
    page: "get-agent-details",
    answer: ScanAgent,
  }),
};

import { createHash } from "node:crypto";
import { z } from "zod";
import type { Graph } from "./graph.ts";

const Application = z.object({ id: z.string(), appId: z.string() });
const Principal = z.object({ id: z.string() });

export interface Registration {
  /** As it stays for good: a second run finds the registration by it. */
  uniqueName: string;
  /** App roles that people are given, e.g. those of `approvals.roles` in `config/policy.yaml`. */
  roles: readonly string[];
}

/**
 * Registers the app's API in Entra, so that people can answer questions with a token of theirs: app roles, one delegated
 * scope, tokens of version 2. Safe to repeat: it changes the registration of that name.
 *
 * Whoever has no role gets no token, as an assignment is required.
 *
 * @returns the client id, for the setting `ENTRA_AUDIENCE`
 * @throws Error with Graph's words
 * @see https://learn.microsoft.com/en-us/graph/api/application-upsert - needs `Application.ReadWrite.OwnedBy`
 */
export async function registerApi(graph: Graph, { uniqueName, roles }: Registration): Promise<string> {
  const path = `/applications(uniqueName='${encodeURIComponent(uniqueName)}')`;
  await graph.patch(path, describeApi({ uniqueName, roles }), { prefer: "create-if-missing" });
  const found = await graph.get(`${path}?$select=id,appId`, Application);
  if (!found) throw new Error(`Graph has made no registration ${uniqueName}: run this again.`);
  await graph.patch(`/applications/${found.id}`, { identifierUris: [`api://${found.appId}`] });
  const principalPath = `/servicePrincipals(appId='${found.appId}')`;
  const principal =
    (await graph.get(`${principalPath}?$select=id`, Principal)) ??
    (await graph.post("/servicePrincipals", { appId: found.appId }, Principal));
  await graph.patch(`/servicePrincipals/${principal.id}`, { appRoleAssignmentRequired: true });
  return found.appId;
}

/** The registration as it is to be. Ids follow from names, so that a repeated run changes none. */
export const describeApi = ({ uniqueName, roles }: Registration) => ({
  displayName: uniqueName,
  signInAudience: "AzureADMyOrg",
  appRoles: roles.map((role) => ({
    id: idOf(`${uniqueName} role ${role}`),
    value: role,
    displayName: role,
    description: `Answers questions of playbooks as ${role}`,
    allowedMemberTypes: ["User"],
    isEnabled: true,
  })),
  api: {
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: [
      {
        id: idOf(`${uniqueName} scope`),
        value: "Playbooks.Answer",
        type: "User",
        isEnabled: true,
        adminConsentDisplayName: "Answer questions of playbooks",
        adminConsentDescription: "Lets an app answer questions of playbooks for the person who is signed in.",
        userConsentDisplayName: "Answer questions of playbooks",
        userConsentDescription: "Lets the app answer questions of playbooks for you.",
      },
    ],
  },
});

/** A GUID that is the same for the same name. */
function idOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

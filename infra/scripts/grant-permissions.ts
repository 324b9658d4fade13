import { z } from "zod";
import type { Service } from "../../shared/defender/call.ts";
import type { Graph } from "./graph.ts";
import { API_APP_IDS } from "./permissions.ts";

const Api = z.object({
  id: z.string(),
  appRoles: z.array(
    z.object({ id: z.string(), value: z.string().nullable(), allowedMemberTypes: z.array(z.string()) }),
  ),
});
const Assignments = z.object({ value: z.array(z.object({ appRoleId: z.string(), resourceId: z.string() })) });

/** What became of one permission. */
export interface Grant {
  service: Service;
  permission: string;
  outcome: "granted" | "would be granted" | "was granted before" | "unknown to the tenant";
}

/**
 * Gives an identity application permissions. Safe to repeat: what it has is left as it is, and nothing is taken away.
 *
 * @param principalId object id of the identity's service principal
 * @param isWhatIf only says what would be granted
 * @throws Error with Graph's words, e.g. where who runs it may not grant
 * @see https://learn.microsoft.com/en-us/graph/api/serviceprincipal-post-approleassignments - needs `AppRoleAssignment.ReadWrite.All` and `Application.Read.All`
 */
export async function grantPermissions(
  graph: Graph,
  { principalId, needed, isWhatIf }: { principalId: string; needed: ReadonlyMap<Service, string[]>; isWhatIf: boolean },
): Promise<Grant[]> {
  const path = `/servicePrincipals/${encodeURIComponent(principalId)}/appRoleAssignments`;
  // An identity has a few dozen at most, far below a page of 999.
  const { value: before } = (await graph.get(`${path}?$top=999`, Assignments)) ?? missing(principalId);
  const grants: Grant[] = [];
  for (const [service, permissions] of needed) {
    const api = await graph.get(`/servicePrincipals(appId='${API_APP_IDS[service]}')?$select=id,appRoles`, Api);
    for (const permission of permissions) {
      const role = api?.appRoles.find(
        ({ value, allowedMemberTypes }) => value === permission && allowedMemberTypes.includes("Application"),
      );
      if (!api || !role) {
        grants.push({ service, permission, outcome: "unknown to the tenant" });
        continue;
      }
      const isGranted = before.some(({ appRoleId, resourceId }) => appRoleId === role.id && resourceId === api.id);
      if (!isGranted && !isWhatIf) {
        await graph.post(path, { principalId, resourceId: api.id, appRoleId: role.id }, z.unknown());
      }
      const outcome = isGranted ? "was granted before" : isWhatIf ? "would be granted" : "granted";
      grants.push({ service, permission, outcome });
    }
  }
  return grants;
}

function missing(principalId: string): never {
  throw new Error(`There is no service principal ${principalId}: give IDENTITY_PRINCIPAL_ID of the deployment.`);
}

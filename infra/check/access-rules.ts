import { ofType, type Resource, type Rule, requires, valueAt } from "./resources.ts";

const ASSIGNMENT = "Microsoft.Authorization/roleAssignments";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who may do what: only roles that handle data, on one resource each, under names that a repeated deployment finds again. */
export const accessRules = (roleIds: readonly string[]): Rule[] => [
  (resources) =>
    ofType(resources, ASSIGNMENT).flatMap((assignment) => [
      ...(isOnResource(assignment) ? [] : [`${assignment.id}: is on more than one resource`]),
      ...(GUID.test(assignment.name) ? [] : [`${assignment.id}: its name is not known before the deployment`]),
      ...(roleIds.includes(roleOf(assignment))
        ? []
        : [`${assignment.id}: gives a role that roles.bicep does not have`]),
    ]),
  requires(ASSIGNMENT, { "properties.principalType": "ServicePrincipal" }),
];

const roleOf = (assignment: Resource): string =>
  String(valueAt(assignment, "properties.roleDefinitionId")).split("/").at(-1) ?? "";

/** `…/resourceGroups/rg/providers/<resource>/providers/Microsoft.Authorization/…`: a group has one `providers` less. */
const isOnResource = ({ id }: Resource): boolean => id.split("/providers/").length > 2;

import type { GraphUser } from "../defender/graph-users/user.ts";
import { isAmong } from "./critical-asset.ts";
import type { Policy } from "./policy.ts";

/** Whether the policy names the user, by object id or by sign-in name. */
export const isCriticalUser = ({ id, userPrincipalName }: GraphUser, { users: { critical } }: Policy): boolean =>
  isAmong(critical, id) || isAmong(critical, userPrincipalName ?? id);

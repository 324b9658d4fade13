import { z } from "zod";

/** The object id of a user in Entra, which no other user ever gets. */
export const GraphUserId = z.guid().toLowerCase().brand("GraphUserId").describe("The object id of a user in Entra");
export type GraphUserId = z.infer<typeof GraphUserId>;

/** Longer ones there are none, not even of guests, whose name has that of their own tenant in it. */
const LONGEST_NAME = 320;

/**
 * A sign-in name such as `ana@contoso.com`; that of a guest has `#EXT#` in it. Names change and are given to other people.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/user - `userPrincipalName`
 */
export const UserPrincipalName = z
  .string()
  .trim()
  .toLowerCase()
  .max(LONGEST_NAME)
  .regex(/^[a-z0-9'._!#^~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/, "a sign-in name has the form ana@contoso.com")
  .brand("UserPrincipalName");
export type UserPrincipalName = z.infer<typeof UserPrincipalName>;

/** What one user is found by, and no other. An account name alone is refused: many may have it. */
export const UserReference = z.union([GraphUserId, UserPrincipalName], {
  error: "a user is named by object id or by sign-in name, such as ana@contoso.com, not by account name",
});
export type UserReference = z.infer<typeof UserReference>;

/**
 * A user of Entra.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/user
 */
export const GraphUser = z.looseObject({
  id: GraphUserId,
  userPrincipalName: z.string().nullish(),
  displayName: z.string().nullish(),
  /** `Member` or `Guest`. */
  userType: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
});
export type GraphUser = z.infer<typeof GraphUser>;

/** The name people know the user by, or the id. */
export const userLabel = ({ id, userPrincipalName }: Pick<GraphUser, "id" | "userPrincipalName">): string =>
  userPrincipalName || id;

/** Whether the user signs in at another tenant. */
export const isExternal = ({ userPrincipalName }: Pick<GraphUser, "userPrincipalName">): boolean =>
  /#EXT#@/i.test(userPrincipalName ?? "");

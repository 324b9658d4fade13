import { expect, test } from "vitest";
import { createGraphUsers } from "../../../shared/defender/graph-users/client.ts";
import { GraphUserId, isExternal, UserReference } from "../../../shared/defender/graph-users/user.ts";
import type { Send } from "../../../shared/defender/send.ts";

const userId = GraphUserId.parse("0D2C1A3E-5f60-4b7c-8d9e-0f1a2b3c4d5e");
const answering = (answer: unknown) => createGraphUsers((async () => answer) as Send);

test("takes an answer without a body for a yes, and does not say revoked where Graph says no", async () => {
  await expect(answering(undefined).revokeSignInSessions(userId)).resolves.toBeUndefined();
  await expect(answering({ value: false }).revokeSignInSessions(userId)).rejects.toMatchObject({ code: "NotRevoked" });
});

test.each(["Ana@Contoso.example", " ana@contoso.example", "o'brien@contoso.example", "a_b.c-d!#~^e@x.example"])(
  "takes %j for a sign-in name",
  (name) => expect(UserReference.parse(name)).toBe(name.trim().toLowerCase()),
);

test.each([
  "ana",
  "$ana@contoso.example",
  "ana@",
  "ana@contoso.example/memberOf",
  "ana?@contoso.example",
  "",
  "..",
  "a".repeat(400),
])("takes %j for no user", (name) => expect(UserReference.safeParse(name).success).toBe(false));

test("knows a guest by the name", () => {
  expect(isExternal({ userPrincipalName: "cy_fabrikam.example#ext#@contoso.example" })).toBe(true);
  expect(isExternal({ userPrincipalName: "ext@contoso.example" })).toBe(false);
});

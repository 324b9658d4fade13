import { expect, test } from "vitest";
import { commentOnGraphAlert } from "../../functions/activities/comment-on-graph-alert.ts";
import { getGraphAlert } from "../../functions/activities/get-graph-alert.ts";
import { getGraphUser } from "../../functions/activities/get-graph-user.ts";
import { revokeSignInSessions } from "../../functions/activities/revoke-sign-in-sessions.ts";
import { graphUserCalls } from "../../shared/defender/graph-users/calls.ts";
import { ALERT_ID } from "../helpers/builders.ts";
import { contractFor } from "../helpers/contract.ts";
import { simulatedDefender } from "../helpers/defender.ts";

contractFor(graphUserCalls);

const ANA = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const BOSS = "1e3d2b4f-6071-4c8d-9eaf-1a2b3c4d5e6f";
const GUEST = "cy_fabrikam.example#EXT#@contoso.example";

/** A tenant with a user, somebody important, and a guest. */
async function tenantWithUsers() {
  const defender = await simulatedDefender();
  await defender.simulator.putRows("graphUsers", [
    { id: ANA, userPrincipalName: "Ana@contoso.example", displayName: "Ana", userType: "Member", accountEnabled: true },
    { id: BOSS, userPrincipalName: "boss@contoso.example" },
    { id: "2f4e3c50-7182-4d9e-afb0-2b3c4d5e6f70", userPrincipalName: GUEST, userType: "Guest" },
  ]);
  const revokedOf = async (userId: string) =>
    (await defender.simulator.rows("graphUsers")).find(({ id }) => id === userId)?.signInSessionsValidFromDateTime;
  return { ...defender, revokedOf };
}

test("reads exactly the user that is named, by object id and by sign-in name, a guest too", async () => {
  await using defender = await tenantWithUsers();

  expect(await defender.perform(getGraphUser, { user: ANA.toUpperCase() })).toMatchObject({ displayName: "Ana" });
  expect(await defender.perform(getGraphUser, { user: "ana@contoso.example" })).toMatchObject({ id: ANA });
  expect(await defender.perform(getGraphUser, { user: GUEST })).toMatchObject({ userType: "Guest" });
});

test("says that there is no such user, and asks for none by account name", async () => {
  await using defender = await tenantWithUsers();

  const unknown = defender.perform(getGraphUser, { user: "eve@contoso.example" });
  await expect(unknown).rejects.toMatchObject({ code: "Request_ResourceNotFound" });
  await defender.simulator.clearJournal();
  await expect(defender.perform(getGraphUser, { user: "ana" })).rejects.toMatchObject({ code: "InvalidInput" });
  expect(await defender.simulator.journal()).toEqual([]);
});

test("ends no session of anybody before a person was asked, as policies are without a word about users", async () => {
  await using defender = await tenantWithUsers();

  const revoked = defender.perform(revokeSignInSessions, { userId: ANA });
  await expect(revoked).rejects.toMatchObject({ code: "NeedsApproval" });
  expect(defender.auditTrail).toMatchObject([{ event: "denied", target: "user Ana@contoso.example" }]);
  expect(await defender.revokedOf(ANA)).toBeUndefined();
});

test("puts the question to people by the sign-in name, as nobody knows object ids", async () => {
  await using defender = await tenantWithUsers();
  defender.setPolicy({ approvals: { approvers: [{ id: "bob@contoso.example" }] } });

  const revoked = defender.perform(revokeSignInSessions, { userId: ANA });
  await expect(revoked).rejects.toMatchObject({
    question: { title: "Approve revokeSignInSessions on user Ana@contoso.example?" },
  });
});

test("ends the sessions of a user where the policy allows it, as often as the step is repeated", async () => {
  await using defender = await tenantWithUsers();
  defender.setPolicy({ users: { others: "allow" } });

  await defender.perform(revokeSignInSessions, { userId: ANA });
  expect(await defender.perform(revokeSignInSessions, { userId: ANA })).toEqual({ revoked: true });
  expect(await defender.revokedOf(ANA)).toMatch(/^\d{4}-/);
  expect(await defender.revokedOf(BOSS)).toBeUndefined();
  expect(defender.auditTrail.map(({ event }) => event)).toEqual(["allowed", "done", "allowed", "done"]);
});

test.each(["BOSS@contoso.example", BOSS.toUpperCase()])(
  "never touches a critical user without a person, known as %s",
  async (critical) => {
    await using defender = await tenantWithUsers();
    defender.setPolicy({ users: { others: "allow", critical: [critical] } });

    const revoked = defender.perform(revokeSignInSessions, { userId: BOSS });
    await expect(revoked).rejects.toMatchObject({ code: "NeedsApproval" });
    await expect(revoked).rejects.toThrow("boss@contoso.example is a critical user: a person must decide");
    expect(await defender.revokedOf(BOSS)).toBeUndefined();
  },
);

const MESSAGE = "3a5f4d61-8293-4eaf-b0c1-3c4d5e6f7081";
const mail = {
  id: ALERT_ID,
  title: "Email messages removed after delivery",
  severity: "Informational",
  incidentId: 7,
  serviceSource: "microsoftDefenderForOffice365",
  evidence: [
    { entityType: "User", userPrincipalName: "ana@contoso.example" },
    { entityType: "User", aadUserId: ANA, userPrincipalName: "Ana@contoso.example" },
    { entityType: "User", accountName: "local-admin" },
    { entityType: "MailMessage", networkMessageId: MESSAGE, subject: "Invoice\u202e", sender: "eve@evil.example" },
    { entityType: "MailMessage", networkMessageId: "not an id" },
    { entityType: "MailCluster", networkMessageIds: [MESSAGE, "4b605e72-93a4-4fb0-81d2-4d5e6f708192"] },
  ],
};

test("reads an alert that Defender for Endpoint does not know, with the users and messages it names, each once", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert(mail);

  expect(await defender.perform(getGraphAlert, { alertId: ALERT_ID })).toMatchObject({
    incidentId: "7",
    users: [{ user: ANA, name: "ana@contoso.example" }],
    messages: [
      { networkMessageId: MESSAGE, subject: "Invoice", sender: "eve@evil.example" },
      { networkMessageId: "4b605e72-93a4-4fb0-81d2-4d5e6f708192" },
    ],
  });
  expect(await defender.perform(getGraphAlert, { alertId: `${ALERT_ID}9` })).toBeNull();
});

test("comments on an alert of another product once, however often the step is repeated", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert(mail);

  const input = { alertId: ALERT_ID, key: "closing", comment: "Looked into" };
  expect(await defender.perform(commentOnGraphAlert, input)).toEqual({ written: true });
  expect(await defender.perform(commentOnGraphAlert, input)).toEqual({ written: false });
  const { alerts } = await defender.simulator.state();
  expect(alerts).toMatchObject([{ status: "New", comments: [{ comment: "Looked into [run-1 closing]" }] }]);
});

import { expect, test } from "vitest";
import { disableCompromisedUserSessions } from "../../functions/playbooks/disable-compromised-user-sessions.ts";
import { PermanentError } from "../../shared/errors.ts";
import { ALERT_ID } from "../helpers/builders.ts";
import { play, type Script, startedAt } from "../helpers/play.ts";
import { texts } from "../helpers/told.ts";

const ANA = "0d2c1a3e-5f60-4b7c-8d9e-0f1a2b3c4d5e";
const ana = { user: ANA, name: "ana@contoso.example" };
const ben = { user: "ben@contoso.example", name: "ben@contoso.example" };
const alertOf = (users: object[]) => ({ id: ALERT_ID, incidentId: "7", users, messages: [] });

const script: Script = {
  getGraphAlert: () => alertOf([ana]),
  getAlert: () => null,
  getGraphUser: ({ user }: { user: string }) => ({ id: ANA, userPrincipalName: user === ANA ? ana.name : user }),
  revokeSignInSessions: () => ({ revoked: true }),
  openTicket: () => ({ id: "SEC-1" }),
  addTicketNote: () => ({ id: "SEC-1" }),
  commentOnGraphAlert: () => ({ written: true }),
};
const end = (changes: Script = {}, parameters: object = { alertId: ALERT_ID }) => {
  const { result, steps, endedAt } = play(disableCompromisedUserSessions, parameters, { ...script, ...changes });
  const revoked = steps.filter(({ name }) => name === "revokeSignInSessions").map(({ input }) => input);
  return { result, steps, revoked, endedAt, closing: texts(steps, "commentOnGraphAlert").at(-1) };
};
const refusing = (code: string, reason: string) => () => {
  throw new PermanentError(code, reason);
};
const DONE =
  "done. The user has to sign in again everywhere, after some minutes. Access tokens given out before stay good for an " +
  "hour or so. The password is as it was, and the account is not disabled";

test("ends the sessions of the only user an alert names, and says what goes on", () => {
  const { result, steps, revoked, closing } = end();

  expect(revoked).toEqual([{ userId: ANA }]);
  expect(result).toMatchObject({ outcome: "done", userId: ANA, ticketId: "SEC-1", alertUpdated: true });
  expect(closing).toBe(`End of sign-in sessions of ana@contoso.example: ${DONE}. Ticket SEC-1.`);
  expect(texts(steps, "addTicketNote")).toEqual([closing]);
  expect(steps.find(({ name }) => name === "openTicket")?.input).toMatchObject({
    title: "High: End of sign-in sessions of ana@contoso.example",
    incident: "home:7",
  });
});

test("opens the ticket before people are asked, who may take their time", () => {
  const names = end().steps.map(({ name }) => name);
  expect(names.indexOf("openTicket")).toBeLessThan(names.indexOf("revokeSignInSessions"));
});

test("ends the sessions of the user that a person named, also without an alert", () => {
  const { result, steps, revoked } = end({}, { user: "Ana@Contoso.example" });

  expect(steps[0]).toMatchObject({ name: "getGraphUser", input: { user: "ana@contoso.example" } });
  expect(revoked).toEqual([{ userId: ANA }]);
  expect(result).toMatchObject({ outcome: "done", alertUpdated: false });
});

test("takes the user a person named, of several that the alert names, and where it cannot be read", () => {
  const named = { alertId: ALERT_ID, user: "ben@contoso.example" };
  expect(end({ getGraphAlert: () => alertOf([ana, ben]) }, named).result.outcome).toBe("done");
  expect(end({ getGraphAlert: refusing("Forbidden", "no right to alerts") }, named).result.outcome).toBe("done");
});

test.each([
  [[ana, ben], "the alert names 2 users (ana@contoso.example, ben@contoso.example)"],
  [[], "the alert names no user of Entra"],
])("guesses no user: %j", (users, why) => {
  const { result, revoked } = end({ getGraphAlert: () => alertOf(users) });
  const words = `End of sign-in sessions of a user: failed: ${why}: say by \`user\` whose sessions are to end`;
  expect(result).toMatchObject({ outcome: "failed", words, ticketId: "SEC-1" });
  expect(revoked).toEqual([]);
});

test("says so where there is neither user nor alert, and where the alert cannot be found or read", () => {
  expect(end({}, {}).result.words).toContain("there is no alert that could name the user");
  const hidden = end({ getGraphAlert: () => null });
  expect(hidden.result.words).toContain("there is no alert that could name the user");
  const forbidden = end({ getGraphAlert: refusing("Forbidden", "no right to alerts") });
  expect(forbidden.result).toMatchObject({ outcome: "failed", words: expect.stringContaining("no right to alerts") });
});

test("waits a little for an alert that Graph does not show yet", () => {
  const { result, endedAt } = end({ getGraphAlert: (_, times) => (times < 2 ? null : alertOf([ana])) });
  expect(result.outcome).toBe("done");
  expect(endedAt.getTime() - startedAt.getTime()).toBe(15_000);
});

test.each(["ana", "CONTOSO\\ana", "ana smith@contoso.example", "../me"])(
  "takes no account name for a user: %s",
  (user) => {
    expect(() => end({}, { user })).toThrow("a user is named by object id or by sign-in name");
  },
);

test("asks nothing about a guest, whose sessions belong to another tenant", () => {
  const userPrincipalName = "cy_fabrikam.example#EXT#@contoso.example";
  const { result, revoked } = end({ getGraphUser: () => ({ id: ANA, userPrincipalName }) });
  expect(revoked).toEqual([]);
  expect(result).toMatchObject({ outcome: "failed", words: expect.stringContaining("signs in at another tenant") });
});

test.each([
  ["Declined", "declined", "declined: bob said no"],
  ["ApprovalExpired", "expired", "nobody approved it in time: bob said no"],
  ["NeedsApproval", "not-allowed", "not allowed by policy: bob said no"],
  ["KillSwitch", "not-allowed", "not allowed by policy: bob said no"],
  ["Forbidden", "failed", "failed: bob said no"],
])("takes %s for an answer and says so", (code, outcome, why) => {
  const { result, closing } = end({ revokeSignInSessions: refusing(code, "bob said no") });
  const words = `End of sign-in sessions of ana@contoso.example: ${why}`;
  expect(result).toMatchObject({ outcome, words });
  expect(closing).toBe(`${words}. Ticket SEC-1.`);
});

test("says that there is no such user", () => {
  const { result, revoked } = end({ getGraphUser: refusing("Request_ResourceNotFound", "no such user") });
  expect(revoked).toEqual([]);
  expect(result).toMatchObject({ outcome: "failed", userId: undefined });
});

test("waits out an outage, and does not say done where nobody knows", () => {
  const outage = refusing("Unavailable", "Graph is down");
  const after = end({ revokeSignInSessions: (_, times) => (times < 3 ? outage() : { revoked: true }) });
  expect(after.result.outcome).toBe("done");
  expect(after.endedAt.getTime()).toBeGreaterThan(startedAt.getTime());

  const never = end({ revokeSignInSessions: outage });
  expect(never.result).toMatchObject({ outcome: "unconfirmed", words: expect.stringContaining("it is not known") });
});

test("goes through with it while the ticket system is down, and says so on the alert", () => {
  const down = refusing("Unavailable", "the ticket system is down");
  const { result, closing } = end({ openTicket: down, addTicketNote: down });
  expect(result).toMatchObject({ outcome: "done", ticketId: undefined });
  expect(closing).toContain("No ticket could be opened.");
});

test("says on the ticket that the alert could not be told", () => {
  const { result, steps } = end({ commentOnGraphAlert: refusing("ResourceNotFound", "no such alert") });
  expect(result).toMatchObject({ outcome: "done", alertUpdated: false });
  expect(texts(steps, "addTicketNote")[0]).toContain("The alert could not be told.");
});

import { z } from "zod";
import { type GraphUser, isExternal, UserReference, userLabel } from "../../shared/defender/graph-users/user.ts";
import { StepFailed } from "../../shared/errors.ts";
import { defineRunbook, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { getGraphAlert } from "../activities/get-graph-alert.ts";
import { getGraphUser } from "../activities/get-graph-user.ts";
import { revokeSignInSessions } from "../activities/revoke-sign-in-sessions.ts";
import { type AnyAlert, commentOnAnyAlert, readAnyAlert, TELLING_ANY } from "./any-alert.ts";
import { type Came, cameOfFailedStep } from "./follow-and-tell.ts";
import { aboutAlert, describeAbout, openTicketOfRun } from "./ticket-of-run.ts";

const WHAT = "End of sign-in sessions";

/** What people must know who think that the user is shut out now. */
const LIMITS =
  "The user has to sign in again everywhere, after some minutes. Access tokens given out before stay good for an hour or so. The password is as it was, and the account is not disabled";

/** Has one user sign in anew, whoever may hold sessions of theirs. */
export const disableCompromisedUserSessions = defineRunbook({
  name: "disable-compromised-user-sessions",
  version: 1,
  summary: "Ends the sign-in sessions of one user of Entra.",
  when: "Somebody else may use the sessions of a user. Automation rules start it where the alert names a device as well; else a person does.",
  does: "Finds the user, by `user` or as the only one that the alert names, asks a person, revokes refresh tokens and browser sessions, and says on ticket and alert what came of it and what goes on.",
  asks: "A person, as the policy has it for every user; of users the policy calls critical always.",
  never:
    "Guesses which user is meant, resets a password, disables an account, or ends access tokens that were given out: those stay good for an hour or so. Sessions of guests belong to their own tenant.",
  undo: "Nothing to undo: the user signs in again.",
  uses: [getGraphAlert, getGraphUser, revokeSignInSessions, ...TELLING_ANY],
  input: z.object({
    ...aboutAlert,
    user: UserReference.optional().describe("Object id or sign-in name; if left out, the only user the alert names"),
  }),

  *steps(run, input) {
    const { alertId } = input;
    run.report("finding the user");
    const alert = alertId ? yield* readAnyAlert(run, alertId) : null;
    const user = yield* overOutages(run, () => userMeant(run, input.user, alert));
    const name = user instanceof StepFailed ? (input.user ?? "a user") : userLabel(user);

    const incidentId = input.incidentId ?? (alert instanceof StepFailed ? undefined : (alert?.incidentId ?? undefined));
    // Before people are asked, who may take their time: the ticket shows what is waited for.
    const ticket = yield* openTicketOfRun(
      run,
      { ...input, incidentId },
      { title: `${WHAT} of ${name}`, lines: [`${WHAT} of ${name}, for ${describeAbout(input)}.`] },
      commentOnAnyAlert,
    );
    run.report(`${WHAT}: requesting for ${name}`);
    const came = user instanceof StepFailed ? cameOfFailedStep(user) : yield* endSessions(run, user);
    const words = `${WHAT} of ${name}: ${came.words}`;
    const told = yield* ticket.close(`${words}.`);
    return { outcome: came.outcome, words, alertId, userId: user instanceof StepFailed ? undefined : user.id, ...told };
  },
});

/** Exactly one user, or none: an alert that names several does not say who is compromised. */
function* userMeant(run: Run, given: UserReference | undefined, alert: AnyAlert | StepFailed | null): Steps<GraphUser> {
  if (given) return yield* run.step(getGraphUser, { user: given });
  if (alert instanceof StepFailed) throw alert;
  const users = alert?.users ?? [];
  const [only] = users;
  if (only && users.length === 1) return yield* run.step(getGraphUser, { user: only.user });
  const names = users.map(({ name }) => name).join(", ");
  const why = only
    ? `the alert names ${users.length} users (${names})`
    : alert
      ? "the alert names no user of Entra"
      : "there is no alert that could name the user";
  throw new StepFailed(getGraphUser.name, "NoUser", `${why}: say by \`user\` whose sessions are to end`);
}

function* endSessions(run: Run, user: GraphUser): Steps<Came> {
  if (isExternal(user)) {
    return {
      outcome: "failed",
      words: `failed: ${userLabel(user)} signs in at another tenant, which alone can end that`,
    };
  }
  const revoked = yield* overOutages(run, () => run.step(revokeSignInSessions, { userId: user.id }));
  if (revoked instanceof StepFailed) return cameOfFailedStep(revoked);
  return { outcome: "done", words: `done. ${LIMITS}` };
}

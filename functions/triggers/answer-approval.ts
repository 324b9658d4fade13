import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import {
  type CheckToken,
  createTokenCheck,
  type Person,
  TokenRefused,
  type TokenSetting,
} from "../../shared/access/person-of-token.ts";
import { answerPage, closingPage, refusedPage } from "../../shared/approvals/answer-page.ts";
import { AnswerRefused, answerQuestion, isGone, openLink } from "../../shared/approvals/answer-question.ts";
import { type Approval, isApprovalId, yesesOf } from "../../shared/approvals/approval.ts";
import { approverOf } from "../../shared/approvals/approver.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import { Problem, readJsonObject, registerRoute } from "./http.ts";
import { bearerToken } from "./requester.ts";

type Reached = Pick<Services, "approvals" | "audit" | "policy">;

const Said = z.strictObject({ approved: z.boolean(), reason: z.string().max(1_000).default("") });

/**
 * The ways people answer what a run asks.
 *
 * `GET /api/approvals` lists the open questions. `POST /api/approvals/{id}/answers` takes an answer,
 * `{"approved": true, "reason"}`, with the Entra token of a person who has one of the policy's roles. The page of a link,
 * `/api/approvals/{id}/links/{secret}`, shows the question; only its button answers, so that programs that look into mails
 * answer nothing. Every refusal is on record.
 *
 * @param tokens absent: no token is taken
 */
export function registerAnswerApproval(services: Reached, tokens: TokenSetting | undefined): void {
  const check = tokens && createTokenCheck(tokens);

  registerRoute({
    name: "listApprovals",
    method: "GET",
    route: "approvals",
    handle: async () => ({ jsonBody: { approvals: (await services.approvals.open()).map(toView) } }),
  });
  registerRoute({
    name: "answerApproval",
    method: "POST",
    route: "approvals/{id}/answers",
    provesItself: true,
    async handle(request, client, context) {
      const id = request.params.id ?? "";
      const person = await personOf(request, id, check, services);
      const { data, error } = Said.safeParse(await readJsonObject(request));
      if (!data) throw new Problem(400, "The answer cannot be used", z.prettifyError(error));
      const { name, objectId } = person;
      const by = approverOf(services.policy().approvals, person)?.id ?? name;
      const reached = { ...services, runs: createRunControl(client) };
      const answering = { by, objectId, via: "token" } as const;
      const approval = await answerQuestion(reached, id, answering, data).catch(asProblem);
      context.info(logLine("question answered", { approvalId: id, runId: approval.runId, by, via: "token" }));
      return { jsonBody: toView(approval) };
    },
  });
  registerRoute({
    name: "showApprovalLink",
    method: "GET",
    route: "approvals/{id}/links/{secret}",
    provesItself: true,
    async handle({ params: { id = "", secret = "" } }) {
      try {
        return answerPage(await openLink(services, id, secret));
      } catch (error) {
        return refusedPageOf(error);
      }
    },
  });
  registerRoute({
    name: "answerApprovalByLink",
    method: "POST",
    route: "approvals/{id}/links/{secret}",
    provesItself: true,
    async handle(request, client, context) {
      const { id = "", secret = "" } = request.params;
      const form = new URLSearchParams(await request.text());
      const answer = form.get("answer");
      if (answer !== "approve" && answer !== "decline") return refusedPage(400, "The answer cannot be used.");
      const said = { approved: answer === "approve", reason: (form.get("reason") ?? "").slice(0, 1_000) };
      try {
        const reached = { ...services, runs: createRunControl(client) };
        const approval = await answerQuestion(reached, id, { secret }, said);
        context.info(logLine("question answered", { approvalId: id, runId: approval.runId, via: "link" }));
        return closingPage(approval, said.approved);
      } catch (error) {
        return refusedPageOf(error);
      }
    },
  });
}

/** The person a request proves to come from, with one of the policy's roles. @throws Problem 401 or 403, on record */
async function personOf(
  request: HttpRequest,
  id: string,
  check: CheckToken | undefined,
  { approvals, audit, policy }: Reached,
): Promise<Person> {
  if (!check) throw new Problem(401, "Tokens are not taken", "Set ENTRA_AUDIENCE to the app's own registration.");
  const token = bearerToken(request);
  if (!token) throw new Problem(401, "There is no token", "Send the access token of a person as bearer token.");
  const refuse = async (status: number, code: string, title: string, detail: string) => {
    const runId = (isApprovalId(id) && (await approvals.get(id))?.runId) || "approvals";
    const entry = {
      runId,
      activity: "answerQuestion",
      effect: "write",
      target: `approval ${id.slice(0, 40)}`,
    } as const;
    await audit.record({ ...entry, event: "denied", code, reason: `An answer was refused: ${detail}` });
    return new Problem(status, title, detail);
  };
  try {
    const person = await check(token);
    const { roles } = policy().approvals;
    if (roles.some((role) => person.roles.includes(role))) return person;
    throw await refuse(
      403,
      "WrongRole",
      "You may not answer",
      `${person.name} has none of the roles: ${roles.join(", ")}`,
    );
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    throw await refuse(401, "TokenRefused", "The token cannot be used", error.message);
  }
}

function asProblem(error: unknown): never {
  if (!(error instanceof AnswerRefused)) throw error;
  throw new Problem(statusOf(error), "The answer does not count", `${error.message}.`);
}

/** A link that is not known and one of no question look the same. */
function refusedPageOf(error: unknown) {
  if (!(error instanceof AnswerRefused)) throw error;
  return isGone(error)
    ? refusedPage(410, "This question is closed, or the link was used before.")
    : refusedPage(403, "This link does not answer any question.");
}

function statusOf(error: AnswerRefused): number {
  if (error.code === "UnknownQuestion") return 404;
  if (error.code === "AnsweredBefore") return 409;
  return isGone(error) ? 410 : 403;
}

/** Without links, and without what only the run needs. */
function toView(approval: Approval) {
  const { id, runId, title, text, about, approvers, quorum, atExpiry, askedAt, expiresAt, status, answers } = approval;
  return {
    ...{ id, runId, title, text, machineId: about.machineId, activity: about.activity, approvers, quorum },
    ...{ atExpiry, askedAt, expiresAt, status, yeses: yesesOf(approval), answers: answers.length },
  };
}

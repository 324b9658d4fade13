import { z } from "zod";
import { isSignedBySlack } from "../../shared/access/slack-signature.ts";
import { AnswerRefused, answerQuestion } from "../../shared/approvals/answer-question.ts";
import { approverInSlack } from "../../shared/approvals/approver.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import { Problem, registerRoute } from "./http.ts";

/** What Slack sends when somebody presses a button: `action_id` says yes or no, `value` names the question. */
const Pressed = z.object({
  type: z.literal("block_actions"),
  user: z.object({ id: z.string().min(1) }),
  actions: z.array(z.object({ action_id: z.enum(["approve", "decline"]), value: z.string().min(1) })).length(1),
});

/**
 * `POST /api/approvals/slack` takes the answers of buttons in Slack: the request URL of the Slack app's interactivity.
 *
 * Slack's signature proves where a request comes from, and the policy says who the user is. A request that comes twice
 * answers once, as each approver does.
 *
 * @see https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
export function registerSlackAnswer(
  services: Pick<Services, "approvals" | "audit" | "policy">,
  signingSecret: string,
): void {
  registerRoute({
    name: "answerApprovalInSlack",
    method: "POST",
    route: "approvals/slack",
    provesItself: true,
    async handle(request, client, context) {
      const body = await request.text();
      const timestamp = request.headers.get("x-slack-request-timestamp");
      const signature = request.headers.get("x-slack-signature");
      const refused = async (code: string, reason: string) =>
        services.audit.record({
          ...ENTRY,
          event: "denied",
          code,
          reason: `An answer from Slack was refused: ${reason}`,
        });
      if (!isSignedBySlack(body, { timestamp, signature }, signingSecret)) {
        await refused("NotFromSlack", "its signature is wrong, or it is older than five minutes");
        throw new Problem(401, "This does not come from Slack", "The signature is wrong or too old.");
      }
      const pressed = Pressed.safeParse(parseJson(new URLSearchParams(body).get("payload") ?? "")).data;
      const [action] = pressed?.actions ?? [];
      if (!pressed || !action) throw new Problem(400, "This is no answer", "Only the buttons of a question are known.");

      const approver = approverInSlack(services.policy().approvals, pressed.user.id);
      if (!approver) {
        await refused("NotAnApprover", `the Slack user ${pressed.user.id.slice(0, 40)} is no approver of the policy`);
        return says("You are not one of the approvers.");
      }
      try {
        const said = { approved: action.action_id === "approve", reason: "" };
        const reached = { ...services, runs: createRunControl(client) };
        const { runId } = await answerQuestion(reached, action.value, { by: approver.id, via: "slack" }, said);
        context.info(logLine("question answered", { approvalId: action.value, runId, by: approver.id, via: "slack" }));
        return says(said.approved ? "You have approved." : "You have declined.");
      } catch (error) {
        if (!(error instanceof AnswerRefused)) throw error;
        return says(`Your answer does not count: ${error.message}.`);
      }
    },
  });
}

const ENTRY = { runId: "approvals", activity: "answerQuestion", effect: "write" } as const;

/** Shown to the one who pressed the button. */
const says = (text: string) => ({ jsonBody: { response_type: "ephemeral", replace_original: false, text } });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

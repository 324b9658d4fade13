import { type Approval, yesesOf } from "../../shared/approvals/approval.ts";
import { newLink, withLinks } from "../../shared/approvals/links.ts";
import { TELL_APPROVERS, type TellingApprovers } from "../../shared/approvals/telling-approvers.ts";
import { PermanentError, RetryLaterError } from "../../shared/errors.ts";
import type { AnswerLink } from "../../shared/notifications/channel.ts";
import type { Notification } from "../../shared/notifications/notification.ts";
import type { Sending } from "../../shared/notifications/notifier.ts";
import type { Asking } from "../../shared/playbook.ts";
import { tellingRunId } from "../../shared/runs/run-id.ts";
import type { Services } from "../../shared/services.ts";

interface Telling {
  /** Tells the messages about one question apart too: a repeated step sends each once. */
  event: TellingApprovers["why"];
  /** Whether a run of its own tells those who could not be told at first. */
  isAgain?: boolean;
  /** Channels that hear of it beside those of the policy. */
  channels?: string[];
}

/**
 * Sends a question to those who may answer and have not: to each over channels of their own, with a link that answers for
 * that person alone, and to the channels of all without one. The ticket of the run gets a note, if there is a ticket yet.
 *
 * The links are made here, so that no secret is in the history of the run. Only their hashes are kept, before they are
 * sent.
 *
 * Nobody waits for a channel that is down: a run of its own tries it again.
 *
 * @throws Error for such a run, while a channel may still take it, but for the last try
 */
export async function tellApprovers(
  services: Services,
  asking: Asking,
  approval: Approval,
  { event, isAgain = false, channels = [] }: Telling,
): Promise<void> {
  const { notifier, runs } = services;
  const { runId } = approval;
  const { approvals } = services.policy();
  const answered = new Set(approval.answers.map(({ by }) => by));
  const isAsked = (id: string) =>
    (approval.approvers.length === 0 || approval.approvers.includes(id)) &&
    !answered.has(id) &&
    id !== approval.requestedBy;
  const message = { event, title: `${WORDS[event]}: ${approval.title}`, text: approval.text, facts: factsOf(approval) };
  const keyOf = (whom: string) => `approval ${approval.id} ${event} ${whom}`;
  const notificationFor = (whom: string): Notification => ({ ...message, key: keyOf(whom), questionId: approval.id });

  const sendings: Sending[] = [];
  for (const { id, channels: own } of approvals.approvers.filter(({ id }) => isAsked(id))) {
    const linksOfOwn = () => linksFor(services, approval, id);
    sendings.push(await notifier.tellPerson(runId, notificationFor(id), own, linksOfOwn));
  }
  sendings.push(await notifier.tell(runId, notificationFor("all"), [...approvals.channels, ...channels]));
  await noteOnTicket(
    services,
    runId,
    keyOf("ticket"),
    [message.title, message.text, ...lines(message.facts)].join("\n"),
  );
  const toBeTriedAgain = sendings.flatMap((sending) => sending.toBeTriedAgain);
  if (toBeTriedAgain.length === 0) return;
  if (!isAgain) {
    const telling: TellingApprovers = { approvalId: approval.id, why: event };
    await runs.startOnce(TELL_APPROVERS, tellingRunId(runId, keyOf("again")), telling);
  } else if (!asking.isLastTry) {
    throw new Error(`Not every channel could be reached. ${toBeTriedAgain.join("; ")}`);
  }
}

const WORDS: Record<TellingApprovers["why"], string> = {
  question: "Approval wanted",
  reminder: "Still waiting for an answer",
  escalation: "Nobody has answered yet",
};

/** One link to the page where the approver says yes or no; none where the app has no address of its own. */
async function linksFor(
  { approvals, publicUrl }: Services,
  approval: Approval,
  approver: string,
): Promise<AnswerLink[]> {
  if (!publicUrl) return [];
  const { secret, link } = newLink(approval, approver);
  await approvals.change(approval.id, (now) => withLinks(now, [link]));
  return [{ label: "Answer", url: new URL(`/api/approvals/${approval.id}/links/${secret}`, publicUrl).href }];
}

function factsOf(approval: Approval): Notification["facts"] {
  const { machineId, activity } = approval.about;
  const atExpiry = approval.atExpiry === "approve" ? "approved" : "declined";
  return [
    { name: "Question", value: approval.id },
    { name: "Run", value: approval.runId },
    ...(activity ? [{ name: "Step", value: activity }] : []),
    ...(machineId ? [{ name: "Device", value: machineId }] : []),
    { name: "Yes needed from", value: `${approval.quorum} (${yesesOf(approval).length} so far)` },
    { name: "Without an answer", value: `${atExpiry} at ${approval.expiresAt}` },
  ];
}

const lines = (facts: Notification["facts"]): string[] => facts.map(({ name, value }) => `${name}: ${value}`);

/** There may be no ticket yet, and one in a system that is down keeps nobody from being asked. */
async function noteOnTicket({ tickets }: Services, runId: string, key: string, text: string): Promise<void> {
  await tickets.addNote(runId, { key: `${runId} ${key}`, text }).catch((error: unknown) => {
    if (!(error instanceof PermanentError || error instanceof RetryLaterError)) throw error;
  });
}

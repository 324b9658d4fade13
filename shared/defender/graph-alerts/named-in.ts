import { z } from "zod";
import { oneLine } from "../../streaming/one-line.ts";
import { GraphUserId, UserPrincipalName, type UserReference } from "../graph-users/user.ts";
import type { GraphAlert, GraphEvidence } from "./alert.ts";

/** A user an alert names, by the object id where there is one. */
export interface NamedUser {
  user: UserReference;
  name: string;
}

/** A message an alert is about. All but its id were written by whoever sent it. */
export interface NamedMessage {
  networkMessageId: string;
  subject?: string;
  sender?: string;
  recipient?: string;
}

/** The users and messages an alert names, each once. What cannot be read is left out. */
export function namedIn({ evidence }: Pick<GraphAlert, "evidence">): { users: NamedUser[]; messages: NamedMessage[] } {
  const rows = evidence ?? [];
  return { users: usersIn(rows), messages: messagesIn(rows) };
}

const LONGEST = 200;
const Text = z.string().transform((text) => oneLine(text, LONGEST));

const UserEvidence = z.looseObject({
  userAccount: z.looseObject({
    azureAdUserId: GraphUserId.optional().catch(undefined),
    userPrincipalName: UserPrincipalName.optional().catch(undefined),
  }),
});

const MessageEvidence = z.looseObject({
  networkMessageId: z.guid().toLowerCase(),
  subject: Text.optional().catch(undefined),
  recipientEmailAddress: Text.optional().catch(undefined),
  p2Sender: z.looseObject({ emailAddress: Text }).optional().catch(undefined),
});

const ClusterEvidence = z.looseObject({ networkMessageIds: z.array(z.string()) });

const kindOf = ({ "@odata.type": type }: GraphEvidence): string => type?.split(".").at(-1) ?? "";

/** Users alone, not accounts that a process ran under. A user may be named twice, once without an object id. */
function usersIn(rows: readonly GraphEvidence[]): NamedUser[] {
  const accounts = rows.flatMap((row) => {
    const account = kindOf(row) === "userEvidence" ? UserEvidence.safeParse(row).data?.userAccount : undefined;
    return account ? [{ id: account.azureAdUserId, name: account.userPrincipalName }] : [];
  });
  const users = new Map<UserReference, string>();
  for (const { id, name } of accounts) if (id) users.set(id, name ?? users.get(id) ?? id);
  const known = new Set(users.values());
  for (const { id, name } of accounts) if (!id && name && !known.has(name)) users.set(name, name);
  return [...users].map(([user, name]) => ({ user, name }));
}

/** A cluster of similar messages names them by id alone. */
function messagesIn(rows: readonly GraphEvidence[]): NamedMessage[] {
  const messages = new Map<string, NamedMessage>();
  for (const row of rows) {
    const message = kindOf(row) === "analyzedMessageEvidence" ? MessageEvidence.safeParse(row).data : undefined;
    if (!message) continue;
    const { networkMessageId, subject, recipientEmailAddress: recipient, p2Sender } = message;
    const sender = p2Sender?.emailAddress;
    const about = { ...(subject && { subject }), ...(sender && { sender }), ...(recipient && { recipient }) };
    messages.set(networkMessageId, { networkMessageId, ...about });
  }
  for (const row of rows) {
    const cluster = kindOf(row) === "mailClusterEvidence" ? ClusterEvidence.safeParse(row).data : undefined;
    for (const one of cluster?.networkMessageIds ?? []) {
      const networkMessageId = z.guid().toLowerCase().safeParse(one).data;
      if (networkMessageId && !messages.has(networkMessageId)) messages.set(networkMessageId, { networkMessageId });
    }
  }
  return [...messages.values()];
}

import { DefenderRefusedError } from "../error.ts";
import { OTHER_SPELLINGS, type Verdict } from "./verdict.ts";

/** What an alert update may change; a comment is added to those there are. */
export interface AlertUpdate extends Verdict {
  status?: "New" | "InProgress" | "Resolved" | undefined;
  /** Whom it is assigned to, by e-mail address. */
  assignedTo?: string | undefined;
  comment?: string | undefined;
}

/**
 * Sends an update in two parts, the verdict after the rest, so that a determination Defender does not take cannot stop a
 * change of status. One that is refused as such is sent once more in its other spelling.
 *
 * @returns the answer to the last part, or `undefined` when there was nothing to send
 */
export async function sendInParts<Answer>(
  { classification, determination, ...rest }: AlertUpdate,
  send: (part: Record<string, string>) => Promise<Answer>,
): Promise<Answer | undefined> {
  const first = given(rest);
  const verdict = given({ classification, determination });
  const answer = isEmpty(first) ? undefined : await send(first);
  if (isEmpty(verdict)) return answer;

  const otherSpelling = determination && OTHER_SPELLINGS[determination];
  try {
    return await send(verdict);
  } catch (error) {
    if (!otherSpelling || !(error instanceof DefenderRefusedError) || error.call.status !== 400) throw error;
    return send({ ...verdict, determination: otherSpelling });
  }
}

const given = (fields: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));

const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0;

import type { Policy } from "../policy/policy.ts";

type Approvals = Policy["approvals"];
export type Approver = Approvals["approvers"][number];

/** Whether there is anybody who could answer. Where not, nobody is asked: the step is refused, and people act themselves. */
export const mayAsk = ({ approvals: { roles, approvers } }: Pick<Policy, "approvals">): boolean =>
  roles.length > 0 || approvers.length > 0;

/** The approver a signed-in person is, if the policy names one: by object id where it is given, else by sign-in name. */
export const approverOf = (
  { approvers }: Approvals,
  person: { name: string; objectId: string },
): Approver | undefined =>
  approvers.find(({ id, objectId }) =>
    objectId === undefined ? id === person.name.toLowerCase() : objectId === person.objectId,
  );

export const approverInSlack = ({ approvers }: Approvals, slackUserId: string): Approver | undefined =>
  approvers.find((approver) => approver.slackUserId !== undefined && approver.slackUserId === slackUserId);

import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { GraphAlert } from "../../shared/defender/graph-alerts/alert.ts";
import { graphAlertCalls } from "../../shared/defender/graph-alerts/calls.ts";
import { namedIn } from "../../shared/defender/graph-alerts/named-in.ts";
import { UserReference } from "../../shared/defender/graph-users/user.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { MOST_ROWS } from "./listing.ts";

const About = GraphAlert.pick({
  id: true,
  title: true,
  severity: true,
  status: true,
  category: true,
  incidentId: true,
  serviceSource: true,
  firstActivityDateTime: true,
  lastActivityDateTime: true,
}).strip();

/**
 * Reads an alert of any of Microsoft's security products, with the users and messages it names: 100 of each at most.
 *
 * @returns the alert, or `null` while Graph does not show it
 * @see https://learn.microsoft.com/en-us/graph/api/security-alert-get - 150 calls a minute
 */
export const getGraphAlert = defineActivity({
  name: "getGraphAlert",
  summary: "Reads an alert of any security product, with the users and messages it names.",
  effect: "read",
  calls: [graphAlertCalls.get],
  repeat: "reads",
  input: z.object({ alertId: AlertId }),
  output: About.extend({
    users: z.array(z.object({ user: UserReference, name: z.string() })),
    messages: z.array(
      z.object({
        networkMessageId: z.guid(),
        subject: z.string().optional(),
        sender: z.string().optional(),
        recipient: z.string().optional(),
      }),
    ),
  }).nullable(),
  async perform({ alertId }, { defender }) {
    const alert = await nullIfNotFound(defender.graphAlerts.get(alertId));
    if (!alert) return null;
    const { users, messages } = namedIn(alert);
    return { ...alert, users: users.slice(0, MOST_ROWS), messages: messages.slice(0, MOST_ROWS) };
  },
});

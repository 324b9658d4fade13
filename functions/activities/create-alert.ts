import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { NewAlert } from "../../shared/defender/alerts/new-alert.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { ListedAlert } from "./listing.ts";

/**
 * Raises an alert about an event that hunting found. An automated investigation of the machine starts by itself.
 *
 * Safe to repeat: Defender merges it into an open alert of the same title on the same machine.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when no event has this machine, time and report id
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/create-alert-by-reference - 15 calls a minute
 */
export const createAlert = defineActivity({
  name: "createAlert",
  summary: "Raises an alert about an event that hunting found.",
  effect: "collect",
  calls: [alertCalls.createByReference],
  repeat: "adopts",
  input: NewAlert,
  output: ListedAlert,
  machineId: ({ machineId }) => machineId,
  pretend: ({ machineId, title, severity }) => ({ id: "pretended", machineId, title, severity }),
  perform: async (alert, { defender }) => ListedAlert.parse(await defender.alerts.createByReference(alert)),
});

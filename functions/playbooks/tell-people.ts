import { Notification } from "../../shared/notifications/notification.ts";
import { TELL_PEOPLE } from "../../shared/notifications/tell-people.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { notify } from "../activities/notify.ts";

/** Tells people one thing, for as long as a step is tried: for what something else than a playbook has to tell. */
export const tellPeople = definePlaybook({
  name: TELL_PEOPLE,
  version: 1,
  summary: "Tells people over their channels.",
  input: Notification,

  *steps(run, notification) {
    return yield* run.step(notify, notification);
  },
});

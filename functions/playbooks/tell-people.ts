import { TELL_PEOPLE, Telling } from "../../shared/notifications/tell-people.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { notify } from "../activities/notify.ts";

/** Tells people one thing, for as long as a step is tried, while the run it is about goes on. */
export const tellPeople = definePlaybook({
  name: TELL_PEOPLE,
  version: 1,
  summary: "Tells people over their channels, and tries those again that are down.",
  input: Telling,

  *steps(run, telling) {
    return yield* run.step(notify, telling);
  },
});

import { z } from "zod";
import { Notification } from "./notification.ts";

/** The playbook that tells people what can wait for channels to come back. */
export const TELL_PEOPLE = "tell-people";

/** A notification, and the run it is about where that is another one. */
export const Telling = Notification.extend({
  ofRun: z
    .string()
    .optional()
    .describe("The run it is about, where it is another one: then the step is tried again until every channel has it"),
});
export type Telling = z.infer<typeof Telling>;

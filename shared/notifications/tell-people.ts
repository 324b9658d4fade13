/** The playbook that tells people what something else than a playbook has found out. */
export const TELL_PEOPLE = "tell-people";

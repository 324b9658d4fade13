const LONGEST_ID = 256;

/** What an id of an orchestration has to be like, for people. */
export const INSTANCE_ID_RULE = `An instance id has 1 to ${LONGEST_ID} characters, none of / \\ # ?, and does not start with @.`;

/** Whether an orchestration may have this id: it stands in addresses, and ids with @ are those of entities. */
export const isInstanceId = (id: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  id.length > 0 && id.length <= LONGEST_ID && !id.startsWith("@") && !/[/\\#?\u0000-\u001f\u007f]/.test(id);

/** One line for the log: a fixed short message and fields to search by. Never a payload, never a secret. */
export const logLine = (message: string, fields: Record<string, unknown>): string =>
  `${message} ${JSON.stringify(fields)}`;

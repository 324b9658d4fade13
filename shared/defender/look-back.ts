/** How far statistics look back, in whole hours: 1 to 720, and 720 where nothing is said. */
export interface LookBack {
  lookBackHours?: number | undefined;
}

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics */
export const lookBackQuery = ({ lookBackHours }: LookBack) =>
  lookBackHours === undefined ? {} : { lookBackHours: String(lookBackHours) };

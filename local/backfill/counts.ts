/** What intake made of alerts. */
export interface Counts {
  alerts: number;
  started: number;
  joined: number;
  duplicates: number;
}

export const NOTHING: Counts = { alerts: 0, started: 0, joined: 0, duplicates: 0 };

const NAMES = ["alerts", "started", "joined", "duplicates"] as const;

/** Adds to counts. */
export function count(total: Counts, more: Counts): void {
  for (const name of NAMES) total[name] += more[name];
}

export const words = ({ alerts, started, joined, duplicates }: Counts): string =>
  `${many(alerts, "alert")}: ${many(started, "run")} started, ${joined} joined one, ${duplicates} were known`;

export const many = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

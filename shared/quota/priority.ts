/** Who goes first when Defender's limits are short, the most urgent first. */
export const PRIORITIES = ["containment", "release", "follow-up", "enrichment", "sync"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What can wait may fill no window to the brim: a containment that comes in the middle of it goes at once. */
const SHARE: Record<Priority, number> = { containment: 1, release: 1, "follow-up": 1, enrichment: 0.9, sync: 0.9 };

/** The share of each limit that calls of a priority may fill. */
export const shareOf = (priority: Priority): number => SHARE[priority];

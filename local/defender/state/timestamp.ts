/** A time as Defender prints it: UTC with seven fractional digits, of which a JavaScript clock can fill three. */
export const toDefenderTime = (ms: number): string => new Date(ms).toISOString().replace("Z", "0000Z");

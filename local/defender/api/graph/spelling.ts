/** Graph begins with a small letter what Defender begins with a capital. */
export const toGraph = (value: string | null, missing = "unknown"): string =>
  value ? `${value[0]?.toLowerCase()}${value.slice(1)}` : missing;

export const fromGraph = (value: string): string => `${value[0]?.toUpperCase()}${value.slice(1)}`;

/** Graph has second names for these. */
const otherNames: Readonly<Record<string, string>> = {
  CompromisedAccount: "CompromisedUser",
  NotEnoughDataToValidate: "InsufficientData",
};

/** The fields of an update in Defender's spelling. `unknown` says nothing. */
export function updateFromGraph(body: Record<string, unknown>): Record<string, unknown> {
  const spelt = Object.entries(body).map(([name, value]) => {
    if (!["status", "classification", "determination"].includes(name) || typeof value !== "string")
      return [name, value];
    const capital = fromGraph(value);
    return [name, otherNames[capital] ?? capital];
  });
  return Object.fromEntries(spelt.filter(([, value]) => value !== "Unknown"));
}

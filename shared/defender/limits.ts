/** How often calls of one group may be made by one app in one tenant. A missing figure means no such limit is stated. */
export interface Limit {
  perMinute?: number;
  perHour?: number;
}

/**
 * What holds for every page that states nothing else.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines
 */
const USUAL: Limit = { perMinute: 100, perHour: 1_500 };

const EXPORT_BY_PAGES: Limit = { perMinute: 30, perHour: 1_000 };
const EXPORT_BY_FILES: Limit = { perMinute: 5, perHour: 20 };

/**
 * Alerts and incidents of Graph: the calls on both, whatever they do, count together.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits
 */
export const GRAPH_ALERTS_AND_INCIDENTS = "graph-alerts-and-incidents";

/**
 * Users of Entra, whatever is done with them. An app may write 3,000 times in 150 seconds there, and read more often.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits
 */
export const GRAPH_USERS = "graph-users";

/**
 * The pages that state other limits, by the name of the page.
 *
 * Each is read at https://learn.microsoft.com/en-us/defender-endpoint/api/<page>, those of Graph and Defender XDR at the
 * address of their call. Limits count for an app in a tenant; hunting counts for the tenant as a whole.
 */
const STATED: Record<string, Limit> = {
  "get-package-sas-uri": { perMinute: 2, perHour: 120 },
  "run-live-response": { perMinute: 10 },
  "initiate-autoir-investigation": { perHour: 50 },
  "batch-update-alerts": { perMinute: 10, perHour: 500 },
  "create-alert-by-reference": { perMinute: 15 },
  "import-ti-indicators": { perMinute: 30 },
  "batch-delete-ti-indicators": { perMinute: 30, perHour: 1_500 },
  "get-discovered-vulnerabilities": { perMinute: 50, perHour: 1_500 },
  "run-advanced-query-api": { perMinute: 45, perHour: 1_500 },
  "security-security-runhuntingquery": { perMinute: 45, perHour: 1_500 },
  "api-list-incidents": { perMinute: 50, perHour: 1_500 },
  "api-update-incidents": { perMinute: 50, perHour: 1_500 },
  [GRAPH_ALERTS_AND_INCIDENTS]: { perMinute: 150 },
  [GRAPH_USERS]: { perMinute: 1_200 },
  "device-health-export-antivirus-health-report-api": EXPORT_BY_PAGES,
  "export-by-pages": EXPORT_BY_PAGES,
  "export-by-files": EXPORT_BY_FILES,
};

/** The limit of a group of calls. Groups are named after the page that states the limit, as each page counts on its own, but for those that count together. */
export const limitOf = (group: string): Limit => STATED[group] ?? USUAL;

/** The groups with a limit of their own, for the documentation. */
export const statedLimits: Readonly<Record<string, Limit>> = STATED;
export const usualLimit: Readonly<Limit> = USUAL;

import { z } from "zod";
import { clouds } from "../../../shared/defender/clouds.ts";

/** Microsoft's services that tokens are made out to. */
export type ServiceName = "defender" | "xdr" | "graph";

/** What an access token for a service must be made out to, whatever host is called: one for every cloud. */
export const AUDIENCES: Readonly<Record<ServiceName, readonly string[]>> = {
  defender: audiencesOf("defender"),
  xdr: audiencesOf("xdr"),
  graph: audiencesOf("graph"),
};

/** What an access token for the Defender API must be made out to in the commercial cloud. */
export const DEFENDER_AUDIENCE = "https://api.securitycenter.microsoft.com";

function audiencesOf(service: ServiceName): string[] {
  const audiences = Object.values(clouds).map(({ services }) => services[service].scope.replace(/\/\.default$/, ""));
  return [...new Set(audiences)];
}

/** Tokens of an issuer that are trusted in place of a secret, if subject and audience are these. */
const FederatedCredential = z.strictObject({
  issuer: z.string().min(1),
  subject: z.string().min(1),
  audiences: z.array(z.string()),
});

/** A client that may ask for tokens, with what it was granted on each audience. */
export const AppRegistration = z.strictObject({
  clientId: z.string().min(1),
  /** Of the service principal: `oid` and `sub` of its tokens. @default the client id */
  objectId: z.string().min(1).optional(),
  /** A managed identity gets its tokens from the platform, without any proof. */
  managedIdentity: z.enum(["system-assigned", "user-assigned"]).optional(),
  clientSecret: z.string().min(1).optional(),
  secretHasExpired: z.boolean().default(false),
  /** Certificates its assertions may be signed with, in PEM form. */
  certificates: z.array(z.string()).default([]),
  federatedCredentials: z.array(FederatedCredential).default([]),
  /** Tenants that know the app. @default the tenant of the simulator */
  tenants: z.array(z.string().toLowerCase()).optional(),
  /** Application permissions, by audience. */
  roles: z.record(z.string(), z.array(z.string())).default({}),
  /** Delegated permissions that users or an admin consented to, by audience. */
  scopes: z.record(z.string(), z.array(z.string())).default({}),
  /** Entra's number for why it refuses the app whatever it proves, e.g. 53003 for conditional access. */
  refusedWith: z.number().int().optional(),
});
export type AppRegistration = z.infer<typeof AppRegistration>;
/** An app as the control API takes it. */
export type AppOrder = z.input<typeof AppRegistration>;

/** Changes to an app; what is missing stays as it is. */
export type AppChanges = Partial<Omit<AppOrder, "clientId">>;

/** The application permissions a response service asks for, on Defender for Endpoint. */
export const RESPONSE_ROLES = [
  "AdvancedQuery.Read.All",
  "Alert.ReadWrite.All",
  "File.Read.All",
  "Ip.Read.All",
  "Library.Manage",
  "Machine.CollectForensics",
  "Machine.Isolate",
  "Machine.LiveResponse",
  "Machine.Offboard",
  "Machine.ReadWrite.All",
  "Machine.RestrictExecution",
  "Machine.Scan",
  "Machine.StopAndQuarantine",
  "Software.Read.All",
  "Ti.ReadWrite.All",
  "Url.Read.All",
  "User.Read.All",
  "Vulnerability.Read.All",
] as const;

const XDR_ROLES = ["AdvancedHunting.Read.All", "Incident.ReadWrite.All"];
const GRAPH_ROLES = [
  "SecurityAlert.ReadWrite.All",
  "SecurityIncident.ReadWrite.All",
  "ThreatHunting.Read.All",
  "User.Read.All",
  "User.RevokeSessions.All",
];

/** The permissions of a response service on every service in every cloud. */
export const responseRoles = (onDefender: readonly string[]): AppRegistration["roles"] => ({
  ...Object.fromEntries(AUDIENCES.defender.map((audience) => [audience, [...onDefender]])),
  ...Object.fromEntries(AUDIENCES.xdr.map((audience) => [audience, XDR_ROLES])),
  ...Object.fromEntries(AUDIENCES.graph.map((audience) => [audience, GRAPH_ROLES])),
});

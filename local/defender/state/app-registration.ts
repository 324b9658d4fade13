import { z } from "zod";

/** What an access token for the Defender API must be made out to, whatever host is called. */
export const DEFENDER_AUDIENCE = "https://api.securitycenter.microsoft.com";

/** A client that may ask the token endpoint for tokens, with the roles it was granted on each audience. */
export const AppRegistration = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  roles: z.record(z.string(), z.array(z.string())).default({}),
});
export type AppRegistration = z.infer<typeof AppRegistration>;

/** The application permissions a response service asks for. */
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

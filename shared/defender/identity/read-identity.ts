import type { Cloud } from "../clouds.ts";
import { IDENTITY_KINDS, type IdentityKind, type IdentityOptions } from "./identity-options.ts";

type SettingName =
  | `DEFENDER_${"IDENTITY" | "TENANT_ID" | "CLIENT_ID" | "CLIENT_SECRET" | "CERTIFICATE_PATH"}`
  | `AZURE_${"TENANT_ID" | "CLIENT_ID" | "CLIENT_SECRET" | "CLIENT_CERTIFICATE_PATH" | "AUTHORITY_HOST"}`;

/** The settings that say who signs in to Defender. The usual names of Azure's libraries stand in for ours. */
export type IdentitySettings = { readonly [Name in SettingName]?: string | undefined };

/**
 * Reads who signs in to Defender. The problems name settings, never what is in them.
 *
 * With a federated identity `AZURE_CLIENT_ID` is the managed identity, so only `DEFENDER_CLIENT_ID` is the app registration.
 */
export function readIdentity(
  settings: IdentitySettings,
  cloud: Pick<Cloud, "authorityHost" | "tokenExchangeAudience">,
): { identity: IdentityOptions; problems: string[] } {
  const kind = kindOf(settings);
  const problems = [
    ...uselessProof(settings, "DEFENDER_CLIENT_SECRET", "secret", kind),
    ...uselessProof(settings, "DEFENDER_CERTIFICATE_PATH", "certificate", kind),
  ];
  const need = (...names: SettingName[]): string => {
    const name = names.find((candidate) => settings[candidate]);
    if (!name) problems.push(`${names.join(" or ")}: is not set, and DEFENDER_IDENTITY ${kind} needs it`);
    return (name && settings[name]) ?? "";
  };
  const tenant = () => need("DEFENDER_TENANT_ID", "AZURE_TENANT_ID");
  const app = () => need("DEFENDER_CLIENT_ID", "AZURE_CLIENT_ID");

  function read(): IdentityOptions {
    const authorityHost = settings.AZURE_AUTHORITY_HOST ?? cloud.authorityHost;
    switch (kind) {
      case "default":
      case "managed-identity": {
        const clientId = settings.DEFENDER_CLIENT_ID ?? settings.AZURE_CLIENT_ID;
        const tenantId = settings.DEFENDER_TENANT_ID ?? settings.AZURE_TENANT_ID;
        return { kind, authorityHost, clientId, ...(kind === "default" && { tenantId }) };
      }
      case "federated":
        return {
          ...{ kind, authorityHost, tenantId: tenant(), clientId: need("DEFENDER_CLIENT_ID") },
          managedIdentityClientId: need("AZURE_CLIENT_ID"),
          tokenExchangeAudience: cloud.tokenExchangeAudience,
        };
      case "certificate": {
        const identity = { kind, authorityHost, tenantId: tenant(), clientId: app() };
        return { ...identity, certificatePath: need("DEFENDER_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH") };
      }
      case "secret": {
        const identity = { kind, authorityHost, tenantId: tenant(), clientId: app() };
        return { ...identity, clientSecret: need("DEFENDER_CLIENT_SECRET", "AZURE_CLIENT_SECRET") };
      }
    }
  }
  return { identity: read(), problems };
}

/** A kind that is none is named by the check of all settings. */
const kindOf = ({ DEFENDER_IDENTITY: given }: IdentitySettings): IdentityKind =>
  IDENTITY_KINDS.find((kind) => kind === given) ?? "default";

/** Who sets a proof means it to be used. */
function uselessProof(settings: IdentitySettings, name: SettingName, user: IdentityKind, kind: IdentityKind): string[] {
  return settings[name] && kind !== user
    ? [`${name}: is used only if DEFENDER_IDENTITY is ${user}; it is ${kind}`]
    : [];
}

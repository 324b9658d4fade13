import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDefenderApi } from "./api/defender-api.ts";
import { CONTROL_PATH, createControlApi } from "./control/control-api.ts";
import { serverCertificate } from "./entra/certificates.ts";
import { createManagedIdentityEndpoint, MANAGED_IDENTITY_PATH } from "./entra/managed-identity.ts";
import { signingKey } from "./entra/signing-key.ts";
import { createTokenEndpoint } from "./entra/token-endpoint.ts";
import { createTokenAuthority, type User } from "./entra/tokens.ts";
import { listen, type Respond, serve, serveCalls } from "./http.ts";
import { createSimulator, type Simulator } from "./simulator.ts";
import { AppRegistration, DEFENDER_AUDIENCE, RESPONSE_ROLES, responseRoles } from "./state/app-registration.ts";
import type { SeedOrder } from "./state/seed/seed.ts";
import type { SettingsChanges } from "./state/settings.ts";

export interface DefenderOptions {
  /** Port of the Defender API and the control API; 0 takes a free one. @default 0 */
  port?: number;
  /** Port of the token endpoint; 0 takes a free one. @default 0 */
  authorityPort?: number;
  /** Where certificates, machines, alerts, machine actions and the journal are kept. Missing: gone when closed. */
  folder?: string;
  /** Settings at the start and after a reset; see `Settings` for what there is. */
  settings?: SettingsChanges;
  /** The wall clock, in milliseconds. @default Date.now */
  clock?: () => number;
  /** Machines and alerts to make up, unless the folder has some. @default none */
  seedData?: SeedOrder;
  tenantId?: string;
  clientId?: string;
  clientSecret?: string;
  /** Application permissions of the client on the Defender API. @default all that a response service needs */
  roles?: readonly string[];
}

/** A simulator that listens, and what a client needs to reach it. */
export interface RunningDefender {
  /** Base address of the Defender API; the control API is below it at `/simulator`. */
  apiUrl: string;
  /** What a client takes for `https://graph.microsoft.com`. Defender XDR answers at `apiUrl`, as it does in the cloud. */
  graphUrl: string;
  /** `authorityHost` for `@azure/identity`, together with `disableInstanceDiscovery: true`. */
  authorityUrl: string;
  /** The certificate authority to trust, for `NODE_EXTRA_CA_CERTS`. */
  caFile: string;
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, as App Service sets them. */
  identityEndpoint: string;
  identityHeader: string;
  /** A token for the Defender API, or another service by its audience, without the way through the token endpoint. */
  issueToken(token?: TokenOrder): string;
  /** The token of a signed-in user: what the user's program sends to the Defender API, or to an app that acts for the user. */
  issueUserToken(token?: UserTokenOrder): string;
  close(): Promise<void>;
}

/** What a token should say; like the client's own, where nothing else is given. */
export interface TokenOrder {
  clientId?: string;
  audience?: string;
  roles?: readonly string[];
  lifetimeSeconds?: number;
}

/** What a user's token should say. */
export interface UserTokenOrder extends Partial<User> {
  clientId?: string;
  audience?: string;
  /** Delegated permissions. @default those of an analyst */
  scp?: string;
  tenantId?: string;
  lifetimeSeconds?: number;
}

/** Made-up identities, the same in every simulator, so that settings can be written down once. */
const DEFAULT_TENANT_ID = "a839b112-1253-4432-9bf6-94542403f21c";
const DEFAULT_CLIENT_ID = "6f2d1c34-58be-4b0e-a4d9-3c1f7e9b2a55";
const DEFAULT_CLIENT_SECRET = "simulator-secret";
const IDENTITY_HEADER = "simulator-identity-header";

/** The managed identities, by client id, and the object id that tokens of the user-assigned one have as subject. */
export const MANAGED_IDENTITIES = {
  systemAssigned: "1c5a7b0e-63d1-4f0b-8f55-7f1f0f6f2a10",
  userAssigned: "2d9e4c6f-0b7a-4e0c-9a3b-5e8d1c7b6a21",
  userAssignedObjectId: "3e8f5d7a-1c8b-4d1e-8b4c-6f9e2d8c7b32",
};
const DEFAULT_USER: User = {
  oid: "4f7a6e8b-2d9c-4c2f-9c5d-7a0f3e9d8c43",
  preferred_username: "analyst@contoso.example",
};

/** Starts the Defender simulator: an Entra token endpoint over HTTPS, the Defender API and its control API over HTTP. */
export async function startDefender(options: DefenderOptions = {}): Promise<RunningDefender> {
  const { tenantId = DEFAULT_TENANT_ID, clientId = DEFAULT_CLIENT_ID, clientSecret = DEFAULT_CLIENT_SECRET } = options;
  const { roles = RESPONSE_ROLES, clock = Date.now, settings = {} } = options;
  const urls = { api: "", authority: "" };

  const simulator = createSimulator({
    tenantId: tenantId.toLowerCase(),
    apps: registrations(clientId, clientSecret, roles),
    settings,
    clock,
    folder: options.folder,
    seedData: options.seedData,
  });
  const identityFolder = options.folder ? path.join(options.folder, "identity") : temporaryFolder();
  const { key, certificate, caFile } = await serverCertificate(identityFolder);
  const tokens = createTokenAuthority({
    tenantId: simulator.tenant.id,
    key: await signingKey(identityFolder),
    authorityUrl: () => urls.authority,
    clock,
  });

  const api = createHttpServer(
    routeCalls(
      simulator,
      createDefenderApi(simulator, tokens, () => urls.api),
      createManagedIdentityEndpoint(simulator, tokens, IDENTITY_HEADER),
    ),
  );
  const authority = createHttpsServer(
    { key, cert: certificate },
    serveCalls(
      simulator,
      createTokenEndpoint(simulator, tokens, () => urls.authority),
    ),
  );

  async function close(): Promise<void> {
    await Promise.all([stop(api), stop(authority)]);
    simulator.close();
    if (!options.folder) rmSync(identityFolder, { recursive: true, force: true });
  }

  try {
    urls.api = `http://127.0.0.1:${await listen(api, options.port ?? 0)}`;
    urls.authority = `https://127.0.0.1:${await listen(authority, options.authorityPort ?? 0)}`;
  } catch (error) {
    await close();
    throw error;
  }

  return {
    apiUrl: urls.api,
    graphUrl: `${urls.api}/graph`,
    authorityUrl: urls.authority,
    caFile,
    tenantId: simulator.tenant.id,
    clientId,
    clientSecret,
    identityEndpoint: `${urls.api}${MANAGED_IDENTITY_PATH}`,
    identityHeader: IDENTITY_HEADER,
    issueToken({
      clientId: holder = clientId,
      audience = DEFENDER_AUDIENCE,
      roles: granted = responseRoles(roles)[audience] ?? roles,
      lifetimeSeconds = 3599,
    } = {}) {
      const app = { clientId: holder, roles: { [audience]: [...granted] } };
      return tokens.issue({ app, audience, lifetimeSeconds });
    },
    issueUserToken({
      clientId: holder = clientId,
      audience = DEFENDER_AUDIENCE,
      scp = "Alert.ReadWrite Machine.Isolate Machine.ReadWrite",
      tenantId: signedInAt,
      lifetimeSeconds = 3599,
      ...who
    } = {}) {
      const user = { ...DEFAULT_USER, ...who, scp };
      return tokens.issue({ app: { clientId: holder }, audience, lifetimeSeconds, tenantId: signedInAt, user });
    },
    close,
  };
}

/** Who is known from the start: the app, and managed identities of the platform it could run on. */
function registrations(clientId: string, clientSecret: string, onDefender: readonly string[]): AppRegistration[] {
  const roles = responseRoles(onDefender);
  const { systemAssigned, userAssigned, userAssignedObjectId } = MANAGED_IDENTITIES;
  return [
    AppRegistration.parse({ clientId, clientSecret, roles }),
    AppRegistration.parse({ clientId: systemAssigned, managedIdentity: "system-assigned", roles }),
    AppRegistration.parse({
      clientId: userAssigned,
      objectId: userAssignedObjectId,
      managedIdentity: "user-assigned",
      roles,
    }),
  ];
}

/** The control API is reached past faults and the journal, and only from this machine. */
function routeCalls(simulator: Simulator, api: Respond, managedIdentity: Respond): RequestListener {
  const calls = serveCalls(simulator, (request) =>
    (request.path === MANAGED_IDENTITY_PATH ? managedIdentity : api)(request),
  );
  const control = serve(createControlApi(simulator));
  return (request, response) => {
    const isControl = request.url?.startsWith(`${CONTROL_PATH}/`) && isLoopback(request.socket.remoteAddress);
    (isControl ? control : calls)(request, response);
  };
}

const isLoopback = (address = ""): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

function stop(server: Server & { closeAllConnections(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), "defender-simulator-"));

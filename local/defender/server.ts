import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createDefenderApi } from "./api/defender-api.ts";
import { CONTROL_PATH, createControlApi } from "./control/control-api.ts";
import { serverCertificate } from "./entra/certificates.ts";
import { signingKey } from "./entra/signing-key.ts";
import { createTokenEndpoint } from "./entra/token-endpoint.ts";
import { createTokenAuthority } from "./entra/tokens.ts";
import { listen, serve, serveCalls } from "./http.ts";
import { createSimulator, type Simulator } from "./simulator.ts";
import { DEFENDER_AUDIENCE, RESPONSE_ROLES } from "./state/app-registration.ts";
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
  /** `authorityHost` for `@azure/identity`, together with `disableInstanceDiscovery: true`. */
  authorityUrl: string;
  /** The certificate authority to trust, for `NODE_EXTRA_CA_CERTS`. */
  caFile: string;
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** A token for the Defender API without the way through the token endpoint. */
  issueToken(token?: TokenOrder): string;
  close(): Promise<void>;
}

/** What a token should say; like the client's own, where nothing else is given. */
export interface TokenOrder {
  clientId?: string;
  audience?: string;
  roles?: readonly string[];
  lifetimeSeconds?: number;
}

/** Made-up identities, the same in every simulator, so that settings can be written down once. */
const DEFAULT_TENANT_ID = "a839b112-1253-4432-9bf6-94542403f21c";
const DEFAULT_CLIENT_ID = "6f2d1c34-58be-4b0e-a4d9-3c1f7e9b2a55";
const DEFAULT_CLIENT_SECRET = "simulator-secret";

/** Starts the Defender simulator: an Entra token endpoint over HTTPS, the Defender API and its control API over HTTP. */
export async function startDefender(options: DefenderOptions = {}): Promise<RunningDefender> {
  const { tenantId = DEFAULT_TENANT_ID, clientId = DEFAULT_CLIENT_ID, clientSecret = DEFAULT_CLIENT_SECRET } = options;
  const { roles = RESPONSE_ROLES, clock = Date.now, settings = {} } = options;
  const urls = { api: "", authority: "" };

  const simulator = createSimulator({
    tenantId: tenantId.toLowerCase(),
    app: { clientId, clientSecret, roles: { [DEFENDER_AUDIENCE]: [...roles] } },
    settings,
    clock,
    folder: options.folder,
  });
  const identityFolder = options.folder ? path.join(options.folder, "identity") : temporaryFolder();
  const { key, certificate, caFile } = await serverCertificate(identityFolder);
  const tokens = createTokenAuthority({
    tenantId: simulator.tenant.id,
    key: await signingKey(identityFolder),
    issuer: () => `${urls.authority}/${simulator.tenant.id}/v2.0`,
    clock,
  });

  const api = createHttpServer(
    routeCalls(
      simulator,
      createDefenderApi(simulator, tokens, () => urls.api),
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
    authorityUrl: urls.authority,
    caFile,
    tenantId: simulator.tenant.id,
    clientId,
    clientSecret,
    issueToken({
      clientId: holder = clientId,
      audience = DEFENDER_AUDIENCE,
      roles: granted = roles,
      lifetimeSeconds = 3599,
    } = {}) {
      return tokens.issue({ clientId: holder, roles: { [audience]: [...granted] } }, audience, lifetimeSeconds);
    },
    close,
  };
}

/** The control API is reached past faults and the journal, and only from this machine. */
function routeCalls(simulator: Simulator, respond: Parameters<typeof serveCalls>[1]): RequestListener {
  const calls = serveCalls(simulator, respond);
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

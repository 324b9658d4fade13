import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { MANAGED_IDENTITIES } from "../../../../local/defender/server.ts";
import { createDefenderClient } from "../../../../shared/defender/client.ts";
import { CLOUDS, servicesOf } from "../../../../shared/defender/clouds.ts";
import { createCredential, onBehalfOf } from "../../../../shared/defender/identity/create-credential.ts";
import type { IdentityOptions } from "../../../../shared/defender/identity/identity-options.ts";
import { SignInError } from "../../../../shared/defender/identity/sign-in-error.ts";
import { MachineId } from "../../../../shared/defender/machines/machine.ts";
import { PermanentError } from "../../../../shared/errors.ts";
import {
  appCertificate,
  DEFENDER_AUDIENCE,
  DEFENDER_SCOPE,
  OTHER_TENANT,
  readClaims,
  simulatedEntra,
} from "./sign-in.ts";

let entra: Awaited<ReturnType<typeof simulatedEntra>>;
let folder: string;
let certificatePath: string;
let certificate: string;
let machineId: MachineId;

beforeAll(async () => {
  entra = await simulatedEntra();
  machineId = MachineId.parse((await entra.control.addMachine()).id);
  folder = mkdtempSync(join(tmpdir(), "playbooks-identity-"));
  certificatePath = join(folder, "app.pem");
  const made = await appCertificate();
  certificate = made.certificate;
  writeFileSync(certificatePath, made.pem);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await entra.close();
});

beforeEach(async () => {
  await entra.control.changeApp(entra.clientId, {
    secretHasExpired: false,
    certificates: [certificate],
    federatedCredentials: [entra.trust],
    roles: { [DEFENDER_AUDIENCE]: ["Machine.ReadWrite.All"] },
    scopes: { [DEFENDER_AUDIENCE]: ["Machine.ReadWrite"] },
  });
  vi.stubEnv("IDENTITY_ENDPOINT", entra.identityEndpoint);
  vi.stubEnv("IDENTITY_HEADER", entra.identityHeader);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await entra.control.clearFaults();
});

const signIn = async (identity: IdentityOptions, scope = DEFENDER_SCOPE) =>
  readClaims((await createCredential(identity).getToken(scope))?.token);

/** What a person would be told. */
async function trouble(identity: IdentityOptions, scope?: string): Promise<SignInError> {
  const error = await signIn(identity, scope).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(Error);
  return error as SignInError;
}

describe("signs in", () => {
  test.each([
    ["with a secret", () => entra.secret],
    ["with a certificate", () => entra.certificateIn(certificatePath)],
    ["with a managed identity in place of a secret", () => entra.federated],
  ] as [string, () => IdentityOptions][])("as an app %s", async (_, identity) => {
    const claims = await signIn(identity());

    expect(claims).toMatchObject({ appid: entra.clientId, aud: DEFENDER_AUDIENCE, roles: ["Machine.ReadWrite.All"] });
  });

  test.each([
    ["system-assigned", () => entra.systemAssigned, MANAGED_IDENTITIES.systemAssigned],
    ["user-assigned", () => entra.userAssigned, MANAGED_IDENTITIES.userAssigned],
    ["usual", () => entra.usual, MANAGED_IDENTITIES.systemAssigned],
  ] as [string, () => IdentityOptions, string][])("as the %s managed identity", async (_, identity, appid) => {
    expect(await signIn(identity())).toMatchObject({ appid, aud: DEFENDER_AUDIENCE });
  });

  test("as the app of the usual settings, before any managed identity", async () => {
    vi.stubEnv("AZURE_TENANT_ID", entra.tenantId);
    vi.stubEnv("AZURE_CLIENT_ID", entra.clientId);
    vi.stubEnv("AZURE_CLIENT_SECRET", entra.clientSecret);

    expect(await signIn(entra.usual)).toMatchObject({ appid: entra.clientId });
  });

  test("to a customer's tenant that has consented to the app", async () => {
    await entra.control.changeApp(entra.clientId, { tenants: [entra.tenantId, OTHER_TENANT] });
    const claims = await signIn({ ...entra.secret, tenantId: OTHER_TENANT });
    await entra.control.changeApp(entra.clientId, { tenants: [entra.tenantId] });

    expect(claims).toMatchObject({ tid: OTHER_TENANT, appid: entra.clientId });
  });

  test.each(CLOUDS)("for every service of the cloud %s", async (cloud) => {
    for (const { scope } of Object.values(servicesOf(cloud))) {
      expect(await signIn(entra.secret, scope)).toMatchObject({ aud: scope.replace("/.default", "") });
    }
  });
});

describe("on behalf of a user", () => {
  const assertion = () =>
    entra.issueUserToken({ audience: `api://${entra.clientId}`, oid: "ada", scp: "access_as_user" });

  test.each([
    ["a secret", () => entra.secret],
    ["a certificate", () => entra.certificateIn(certificatePath)],
    ["a managed identity in place of a secret", () => entra.federated],
  ] as const)("acts with %s, with the delegated permissions only", async (_, identity) => {
    const token = await onBehalfOf(identity(), assertion()).getToken(DEFENDER_SCOPE);
    const claims = readClaims(token?.token);

    expect(claims).toMatchObject({ oid: "ada", appid: entra.clientId, scp: "Machine.ReadWrite" });
    expect(claims).not.toHaveProperty("roles");
  });

  test("is let in by Defender for what the user may, and for nothing else", async () => {
    const token = await onBehalfOf(entra.secret, assertion()).getToken(DEFENDER_SCOPE);
    const call = async (path: string) =>
      (await fetch(`${entra.apiUrl}/api/${path}`, { headers: { authorization: `Bearer ${token?.token}` } })).status;

    expect([await call(`machines/${machineId}`), await call("alerts")]).toEqual([200, 403]);
  });

  test.each([
    ["nobody consented", () => assertion(), { scopes: {} }, "AADSTS65001", /Consent is missing/],
    [
      "the token has ended",
      () => entra.issueUserToken({ audience: entra.clientId, lifetimeSeconds: -9 }),
      {},
      "AADSTS500133",
      /sign in again/,
    ],
    [
      "the token is for another app",
      () => entra.issueUserToken({ audience: "api://other" }),
      {},
      "AADSTS500131",
      /made out to/,
    ],
    ["it is no token", () => "not-a-token", {}, "AADSTS50013", /cannot be used/],
  ])("says why it cannot when %s, without repeating the token", async (_, given, changes, code, advice) => {
    await entra.control.changeApp(entra.clientId, changes);
    const userAssertion = given();
    const error = await onBehalfOf(entra.secret, userAssertion)
      .getToken(DEFENDER_SCOPE)
      .catch((error: unknown) => error);

    expect(error).toBeInstanceOf(SignInError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(advice) });
    expect(String(error)).not.toContain(userAssertion);
  });
});

describe("says what a person must do", () => {
  test.each([
    [
      "the tenant does not exist",
      () => ({ ...entra.secret, tenantId: "00000000-0000-4000-8000-000000000000" }),
      "AADSTS90002",
      /DEFENDER_TENANT_ID/,
    ],
    [
      "the tenant does not know the app",
      () => ({ ...entra.secret, tenantId: OTHER_TENANT }),
      "AADSTS700016",
      /consent/,
    ],
    ["nobody knows the app", () => ({ ...entra.secret, clientId: "nobody" }), "AADSTS700016", /DEFENDER_CLIENT_ID/],
    ["the secret is wrong", () => ({ ...entra.secret, clientSecret: "wr0ng" }), "AADSTS7000215", /value, not its id/],
    [
      "the certificate file is missing",
      () => entra.certificateIn("/nowhere/app.pem"),
      "CertificateUnusable",
      /\/nowhere\/app\.pem/,
    ],
    [
      "the managed identity is not assigned",
      () => ({ ...entra.userAssigned, clientId: "nobody" }),
      "IdentityUnavailable",
      /assigned to this app/,
    ],
    [
      "the managed identity behind the app is not assigned",
      () => ({ ...entra.federated, managedIdentityClientId: "nobody" }),
      "IdentityUnavailable",
      /assigned to this app/,
    ],
    [
      "the managed identity is of another cloud",
      () => ({ ...entra.federated, tokenExchangeAudience: "api://AzureADTokenExchangeUSGov" }),
      "AADSTS700212",
      /federated credential/,
    ],
  ] as [string, () => IdentityOptions, string, RegExp][])("when %s", async (_, identity, code, advice) => {
    const error = await trouble(identity());

    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ name: "SignInError", code, message: expect.stringMatching(advice) });
    expect(error.message).not.toMatch(/wr0ng|simulator-secret|undefined/);
  });

  test("when the secret has expired", async () => {
    await entra.control.changeApp(entra.clientId, { secretHasExpired: true });
    const error = await trouble(entra.secret);

    expect(error).toMatchObject({ code: "AADSTS7000222", message: expect.stringMatching(/has expired/) });
    for (const named of [entra.clientId, entra.tenantId, DEFENDER_SCOPE]) expect(error.message).toContain(named);
  });

  test("when the certificate is not registered", async () => {
    await entra.control.changeApp(entra.clientId, { certificates: [(await appCertificate()).certificate] });

    expect(await trouble(entra.certificateIn(certificatePath))).toMatchObject({
      code: "AADSTS700027",
      message: expect.stringContaining(certificatePath),
    });
  });

  test.each([
    ["another issuer", { issuer: "https://login.example/x/v2.0" }, "AADSTS700211"],
    ["another managed identity", { subject: MANAGED_IDENTITIES.systemAssigned }, "AADSTS700213"],
  ])("when the app trusts %s", async (_, change, code) => {
    await entra.control.changeApp(entra.clientId, { federatedCredentials: [{ ...entra.trust, ...change }] });

    expect(await trouble(entra.federated)).toMatchObject({
      code,
      message: expect.stringMatching(/federated credential/),
    });
  });

  test("when the tenant does not know the service", async () => {
    const error = await trouble(entra.secret, "https://nowhere.example/.default");

    expect(error).toMatchObject({ code: "AADSTS500011", message: expect.stringMatching(/DEFENDER_CLOUD/) });
  });

  test.each([
    ["a Conditional Access policy keeps the app out", 53003, /Conditional Access/],
    ["Entra wants a person", 50076, /multi-factor/],
    ["Entra's refusal is one of the rare ones", 7000112, /error\?code=7000112/],
  ])("when %s", async (_, refusedWith, advice) => {
    const clientId = `refused-${refusedWith}`;
    await entra.control.addApp({ clientId, clientSecret: "other", refusedWith });
    const error = await trouble({ ...entra.secret, clientId, clientSecret: "other" });

    expect(error).toMatchObject({ code: `AADSTS${refusedWith}`, message: expect.stringMatching(advice) });
  });

  test("when the role was revoked: Defender names the one that is missing", async () => {
    await entra.control.changeApp(entra.clientId, { roles: {} });
    const defender = clientOf(entra.secret);

    await expect(defender.machines.get(machineId)).rejects.toMatchObject({
      name: "DefenderRefusedError",
      message: expect.stringMatching(/Machine\.Read/),
    });
  });
});

describe("leaves to be tried again", () => {
  test.each([
    ["Entra fails", { effect: "answer", status: 500 }],
    ["Entra is asked too often", { effect: "answer", status: 429, headers: { "retry-after": "300" } }],
    ["the connection is lost", { effect: "drop" }],
  ] as const)("when %s", async (_, fault) => {
    await entra.control.fault({ path: "/*/oauth2/v2.0/token", ...fault });
    const error = await trouble(entra.secret);

    expect(error).not.toBeInstanceOf(PermanentError);
    expect(error.message).toContain(DEFENDER_SCOPE);
  });

  test("when Entra says itself that it will pass", async () => {
    await entra.control.addApp({ clientId: "busy", clientSecret: "other", refusedWith: 90033 });

    expect(await trouble({ ...entra.secret, clientId: "busy", clientSecret: "other" })).not.toBeInstanceOf(
      PermanentError,
    );
  });

  test("when Entra cannot be reached at all", async () => {
    const error = await trouble({ ...entra.secret, authorityHost: "https://127.0.0.1:9" });

    expect(error).not.toBeInstanceOf(PermanentError);
  });

  test("when the managed identity's endpoint fails", async () => {
    await entra.control.fault({ path: "/msi/token", effect: "answer", status: 503 });

    expect(await trouble(entra.systemAssigned, "https://graph.microsoft.us/.default")).not.toBeInstanceOf(
      PermanentError,
    );
  });
});

test("really asks Entra again after Defender refused the token, though the library still holds it", async () => {
  const defender = clientOf(entra.secret);
  const path = `/api/machines/${machineId}`;
  await defender.machines.get(machineId);
  await entra.control.clearJournal();
  await entra.control.fault({ path, effect: "answer", status: 401 });
  await defender.machines.get(machineId);

  expect(await entra.control.journal()).toMatchObject([
    { path, status: 401 },
    { path: `/${entra.tenantId}/oauth2/v2.0/token`, status: 200, body: { claims: expect.stringContaining("nbf") } },
    { path, status: 200 },
  ]);
});

/** The client as the app has it, with all services at the simulator. */
function clientOf(identity: IdentityOptions) {
  const { defender, xdr, graph } = servicesOf("commercial");
  const services = {
    defender: { ...defender, apiUrl: entra.apiUrl },
    xdr: { ...xdr, apiUrl: entra.apiUrl },
    graph: { ...graph, apiUrl: `${entra.apiUrl}/graph` },
  };
  return createDefenderClient({ services, credential: createCredential(identity) });
}

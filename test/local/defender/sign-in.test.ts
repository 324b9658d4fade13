import { execFile } from "node:child_process";
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MANAGED_IDENTITIES } from "../../../local/defender/server.ts";
import { callWith, refusal, seconds, simulatedDefender } from "./simulated-defender.ts";
import { callAuthority } from "./token-call.ts";

const scope = "https://api.securitycenter.microsoft.com/.default";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ clock: Date.now });
});
afterAll(() => defender.close());

describe("the Azure Identity library", () => {
  test("gets a token from a client secret, which the Defender API accepts", async () => {
    const { stdout } = await signInWithLibrary({});
    const { status } = await fetch(`${defender.apiUrl}/api/alerts`, { headers: { authorization: `Bearer ${stdout}` } });

    expect(status).toBe(200);
  });

  test("gets a token from the environment, as in production", async () => {
    const { stdout } = await signInWithLibrary({ credential: "DefaultAzureCredential" });

    expect(readClaims(stdout)).toMatchObject({ appid: defender.clientId, tid: defender.tenantId });
  });

  test("reports a wrong client secret with Entra's own number", async () => {
    await expect(signInWithLibrary({ secret: "wrong" })).rejects.toThrow(/AADSTS7000215/);
  });
});

describe("the token endpoint", () => {
  test("signs tokens with a published key and puts the app's roles in them", async () => {
    const { body: discovery } = await call("v2.0/.well-known/openid-configuration");
    const { body } = await call("oauth2/v2.0/token", form({}));
    const { body: keySet } = await call(new URL(String(discovery.jwks_uri)).pathname.split("/").slice(2).join("/"));
    const [header = "", payload = "", signature = ""] = body.access_token.split(".");
    const keyId = JSON.parse(Buffer.from(header, "base64url").toString()).kid;
    const key = createPublicKey({ key: keySet.keys.find(({ kid }) => kid === keyId) as JsonWebKey, format: "jwk" });

    expect(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))).toBe(true);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3599 });
    expect(readClaims(body.access_token)).toMatchObject({
      aud: "https://api.securitycenter.microsoft.com",
      iss: discovery.issuer,
      tid: defender.tenantId,
      appid: defender.clientId,
      roles: expect.arrayContaining(["Machine.Isolate", "Alert.ReadWrite.All"]),
    });
  });

  test.each([
    ["a wrong client secret", { client_secret: "wrong" }, 401, 7000215],
    ["a missing client secret", { client_secret: "" }, 401, 7000218],
    ["an unknown app", { client_id: "nobody" }, 400, 700016],
    ["an unknown audience", { scope: "https://nowhere.example/.default" }, 400, 500011],
    ["a single permission as scope", { scope: "Machine.Isolate" }, 400, 1002012],
    ["another grant", { grant_type: "password" }, 400, 70003],
  ])("refuses %s", async (_, changes, status, number) => {
    const answer = await call("oauth2/v2.0/token", form(changes));

    expect(answer).toMatchObject({ status, body: { error_codes: [number] } });
    expect(answer.body.error_description).toMatch(new RegExp(`^AADSTS${number}: `));
  });

  test("refuses a tenant it does not know", async () => {
    const answer = await call("oauth2/v2.0/token", form({}), "00000000-0000-4000-8000-000000000000");

    expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request", error_codes: [90002] } });
  });

  test("refuses an app that another tenant, which it knows, does not know", async () => {
    const other = "b839b112-1253-4432-9bf6-94542403f21c";
    await defender.control.settings({ otherTenants: [other] });
    const answer = await call("oauth2/v2.0/token", form({}), other);

    expect(answer).toMatchObject({ status: 400, body: { error: "unauthorized_client", error_codes: [700016] } });
  });

  test("refuses a secret that has expired, and takes it again once it is renewed", async () => {
    const statuses = [];
    for (const secretHasExpired of [true, false]) {
      await defender.control.changeApp(defender.clientId, { secretHasExpired });
      statuses.push((await call("oauth2/v2.0/token", form({}))).status);
    }

    expect(statuses).toEqual([401, 200]);
  });

  test("keeps everything else of an app when one thing of it is changed", async () => {
    await defender.control.changeApp(defender.clientId, { certificates: [] });
    const { body } = await call("oauth2/v2.0/token", form({}));

    expect(readClaims(body.access_token).roles).toContain("Machine.Isolate");
  });

  test("leaves out the roles in a token for a service where the app has none", async () => {
    const { access_token } = (await call("oauth2/v2.0/token", form({ scope: "api://AzureADTokenExchange/.default" })))
      .body;

    expect(readClaims(access_token)).not.toHaveProperty("roles");
  });

  test("writes numbers as text at its older endpoint, which is asked for a resource", async () => {
    const { scope: _, ...rest } = form({ resource: "https://api.securitycenter.microsoft.com" });
    const { body } = await call("oauth2/token", rest);

    expect(body).toMatchObject({
      expires_in: expect.stringMatching(/^\d+$/),
      expires_on: expect.stringMatching(/^\d{10}$/),
      resource: "https://api.securitycenter.microsoft.com",
    });
    expect(readClaims(body.access_token)).toMatchObject({ aud: "https://api.securitycenter.microsoft.com" });
  });

  test("gives tokens the lifetime that was set", async () => {
    await defender.control.settings({ tokenLifetimeSeconds: 120 });
    const { body } = await call("oauth2/v2.0/token", form({}));
    const { exp, iat } = readClaims(body.access_token);

    expect([body.expires_in, exp - iat]).toEqual([120, 120]);
  });

  test("serves further apps with the roles they were given", async () => {
    const roles = { "api://playbooks": ["Responder"] };
    await defender.control.addApp({ clientId: "analyst", clientSecret: "other", roles });
    const ofAnalyst = { client_id: "analyst", client_secret: "other", scope: "api://playbooks/.default" };
    const { body } = await call("oauth2/v2.0/token", form(ofAnalyst));

    expect(readClaims(body.access_token)).toMatchObject({ aud: "api://playbooks", roles: ["Responder"] });
  });

  test("leaves no secret in the journal", async () => {
    await call("oauth2/v2.0/token", form({}));

    expect(JSON.stringify(await defender.control.journal())).not.toContain(defender.clientSecret);
  });
});

describe("the managed identity endpoint", () => {
  const ask = (query: Record<string, string>, header = defender.identityHeader) =>
    fetch(`${defender.identityEndpoint}?${new URLSearchParams(query)}`, { headers: { "x-identity-header": header } });
  const usual = { "api-version": "2019-08-01", resource: "https://graph.microsoft.com" };

  test("answers as App Service does, to whoever knows the header", async () => {
    const response = await ask(usual);

    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      client_id: MANAGED_IDENTITIES.systemAssigned,
      expires_on: expect.stringMatching(/^\d{10}$/),
      resource: "https://graph.microsoft.com",
      token_type: "Bearer",
    });
  });

  test.each([
    ["the wrong header", usual, "guessed", 401],
    ["another version", { ...usual, "api-version": "2017-09-01" }, undefined, 400],
    ["an identity that is not assigned", { ...usual, client_id: "nobody" }, undefined, 400],
    [
      "the app, which is no managed identity",
      { ...usual, client_id: "6f2d1c34-58be-4b0e-a4d9-3c1f7e9b2a55" },
      undefined,
      400,
    ],
    ["an unknown service", { ...usual, resource: "https://nowhere.example" }, undefined, 400],
  ])("refuses %s", async (_, query, header, status) => {
    expect((await ask(query, header)).status).toBe(status);
  });
});

describe("the Defender API", () => {
  const callAs = (authorization: string, path = "/api/machineactions") =>
    fetch(`${defender.apiUrl}${path}`, { headers: { authorization } });

  test.each([
    ["no token", () => ""],
    ["something that is no token", () => "Bearer abc.def.ghi"],
    [
      "a token that was tampered with",
      () => `Bearer ${withRoles(defender.issueToken({ roles: [] }), ["Machine.ReadWrite.All"])}`,
    ],
    ["an expired token", () => `Bearer ${defender.issueToken({ lifetimeSeconds: -1 })}`],
  ])("answers 401 to %s", async (_, authorization) => {
    const response = await callAs(authorization());

    expect(response.status).toBe(401);
    expect(await refusal(response)).toEqual({
      code: "Unauthorized",
      message: expect.any(String),
      target: expect.any(String),
    });
  });

  test("answers 403 to a token for another resource", async () => {
    const token = defender.issueToken({ audience: "https://api.security.microsoft.com" });
    const response = await callAs(`Bearer ${token}`);

    expect(response.status).toBe(403);
    expect(await refusal(response)).toMatchObject({ code: "Forbidden" });
  });

  test("answers 403 without the right role and names the roles that would do", async () => {
    const token = defender.issueToken({ roles: ["Alert.ReadWrite.All"] });
    const response = await callAs(`Bearer ${token}`, "/api/machines");

    expect(response.status).toBe(403);
    expect((await refusal(response)).message).toContain("(Machine.Read.All, Machine.ReadWrite.All)");
  });

  test.each([
    ["Machine.ReadWrite", 200],
    ["Alert.Read Machine.ReadWrite", 200],
    ["Machine.ReadWrite.All", 403],
    ["Alert.ReadWrite", 403],
  ])("answers a user who was granted %s with %i", async (scp, status) => {
    const token = defender.issueUserToken({ scp });

    expect((await callAs(`Bearer ${token}`)).status).toBe(status);
  });

  test("takes no token of a user from another tenant", async () => {
    const token = defender.issueUserToken({ tenantId: "b839b112-1253-4432-9bf6-94542403f21c" });

    expect((await callAs(`Bearer ${token}`)).status).toBe(401);
  });

  test("stops accepting a token it has seen once the token is expired", async () => {
    await using own = await simulatedDefender();
    const callAgain = callWith(own.apiUrl, own.issueToken({ lifetimeSeconds: 3599 }));
    const statuses = [];
    for (const wait of [0, 3590, 10]) {
      own.clock.advance(seconds(wait));
      statuses.push((await callAgain("GET", "/api/alerts")).status);
    }

    expect(statuses).toEqual([200, 200, 401]);
  });
});

/** Runs the library in a process that trusts the simulator's certificate authority, and prints the token. */
function signInWithLibrary({ credential = "ClientSecretCredential", secret = defender.clientSecret }) {
  const script = `
    import { ${credential} } from "@azure/identity";
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_AUTHORITY_HOST } = process.env;
    const identity = "${credential}" === "ClientSecretCredential" ? [AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET] : [];
    const options = { authorityHost: AZURE_AUTHORITY_HOST, disableInstanceDiscovery: true };
    const { token } = await new ${credential}(...identity, options).getToken("${scope}");
    process.stdout.write(token);`;
  return promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: defender.caFile,
      AZURE_TENANT_ID: defender.tenantId,
      AZURE_CLIENT_ID: defender.clientId,
      AZURE_CLIENT_SECRET: secret,
      AZURE_AUTHORITY_HOST: defender.authorityUrl,
    },
  });
}

/** Calls the token endpoint below a tenant: with a form it is a POST. */
function call(path: string, form?: Record<string, string>, tenantId = defender.tenantId) {
  const { authorityUrl, caFile } = defender;
  return callAuthority(`${authorityUrl}/${tenantId}/${path}`, { caFile, ...(form && { form }) });
}

function form(changes: Record<string, string>): Record<string, string> {
  const { clientId: client_id, clientSecret: client_secret } = defender;
  return { grant_type: "client_credentials", client_id, client_secret, scope, ...changes };
}

function readClaims(token: string) {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

function withRoles(token: string, roles: string[]): string {
  const [header, , signature] = token.split(".");
  const payload = Buffer.from(JSON.stringify({ ...readClaims(token), roles })).toString("base64url");
  return [header, payload, signature].join(".");
}

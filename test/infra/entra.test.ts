import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { activities } from "../../functions/activities/index.ts";
import { grantPermissions } from "../../infra/scripts/grant-permissions.ts";
import { connectGraph } from "../../infra/scripts/graph.ts";
import { API_APP_IDS, permissionsNeeded } from "../../infra/scripts/permissions.ts";
import { describeApi, registerApi } from "../../infra/scripts/register-api.ts";

type Answer = { status?: number; body?: unknown };

/** A stand-in for Graph that remembers what it was asked to change. */
async function startGraph(answer: (method: string, path: string, body: unknown) => Answer) {
  const changes: { method: string; path: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { method = "", url = "" } = request;
    if (method !== "GET") changes.push({ method, path: url, body });
    const { status = 200, body: said } = answer(method, url, body);
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(said === undefined ? "" : JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const graph = connectGraph(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => "very-secret");
  const close = () => new Promise((resolve) => server.close(resolve));
  return { graph, changes, [Symbol.asyncDispose]: async () => void (await close()) };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const piece of request) text += piece;
  return text === "" ? undefined : JSON.parse(text);
}

const role = (value: string) => ({ id: `id-of-${value}`, value, allowedMemberTypes: ["Application"] });

/** A tenant whose identity may read machines already. */
const tenant = (method: string, path: string): Answer => {
  if (method === "POST") return { status: 201, body: {} };
  if (path.includes("/appRoleAssignments")) {
    return { body: { value: [{ appRoleId: "id-of-Machine.Read.All", resourceId: "defender-api" }] } };
  }
  if (path.includes(API_APP_IDS.defender)) {
    return { body: { id: "defender-api", appRoles: [role("Machine.Read.All"), role("Machine.Isolate")] } };
  }
  return { status: 404, body: { error: { code: "Request_ResourceNotFound", message: "not there" } } };
};

const needed = new Map([["defender" as const, ["Machine.Isolate", "Machine.Read.All"]]]);

describe("permissions", () => {
  test("every call of every activity has one that it takes", () => {
    const granted = permissionsNeeded(activities);
    const without = activities
      .flatMap(({ calls }) => calls)
      .filter(({ service, permissions }) => !permissions.some((one) => granted.get(service)?.includes(one)));
    expect(without).toEqual([]);
  });

  test("none is asked for that another stands in for", () => {
    const call = (permissions: string[]) => ({ calls: [{ service: "defender", permissions }] }) as never;
    const reads = call(["Alert.Read.All", "Alert.ReadWrite.All"]);
    expect(permissionsNeeded([reads]).get("defender")).toEqual(["Alert.Read.All"]);
    expect(permissionsNeeded([reads, call(["Alert.ReadWrite.All"])]).get("defender")).toEqual(["Alert.ReadWrite.All"]);
  });

  test("those that are missing are granted, and no other", async () => {
    await using graph = await startGraph(tenant);
    const grants = await grantPermissions(graph.graph, { principalId: "app", needed, isWhatIf: false });
    expect(grants.map(({ outcome }) => outcome)).toEqual(["granted", "was granted before"]);
    const body = { principalId: "app", resourceId: "defender-api", appRoleId: "id-of-Machine.Isolate" };
    expect(graph.changes).toEqual([{ method: "POST", path: "/servicePrincipals/app/appRoleAssignments", body }]);
  });

  test("what-if changes nothing", async () => {
    await using graph = await startGraph(tenant);
    const grants = await grantPermissions(graph.graph, { principalId: "app", needed, isWhatIf: true });
    expect(grants.map(({ outcome }) => outcome)).toEqual(["would be granted", "was granted before"]);
    expect(graph.changes).toEqual([]);
  });

  test("an interface that the tenant does not have is told of", async () => {
    await using graph = await startGraph(tenant);
    const asked = { principalId: "app", needed: new Map([["xdr" as const, ["Incident.Read.All"]]]), isWhatIf: false };
    expect(await grantPermissions(graph.graph, asked)).toMatchObject([{ outcome: "unknown to the tenant" }]);
  });

  test("a refusal is in Graph's words, without the token", async () => {
    const refused = { error: { code: "Authorization_RequestDenied", message: "Insufficient privileges" } };
    await using graph = await startGraph(() => ({ status: 403, body: refused }));
    const granting = grantPermissions(graph.graph, { principalId: "app", needed, isWhatIf: false });
    await expect(granting).rejects.toThrow(/403: Authorization_RequestDenied: Insufficient privileges$/);
    await expect(granting).rejects.not.toThrow(/very-secret/);
  });
});

describe("the registration of the API", () => {
  const registration = { uniqueName: "playbooks-dev", roles: ["Playbooks.Approve"] };

  test("is made with its roles, and only who has one gets a token", async () => {
    await using graph = await startGraph((method, path) => {
      if (method === "POST") return { status: 201, body: { id: "principal" } };
      if (method === "PATCH") return { status: 204 };
      return path.startsWith("/applications") ? { body: { id: "object", appId: "client" } } : { status: 404, body: {} };
    });
    expect(await registerApi(graph.graph, registration)).toBe("client");
    expect(graph.changes).toEqual([
      { method: "PATCH", path: "/applications(uniqueName='playbooks-dev')", body: describeApi(registration) },
      { method: "PATCH", path: "/applications/object", body: { identifierUris: ["api://client"] } },
      { method: "POST", path: "/servicePrincipals", body: { appId: "client" } },
      { method: "PATCH", path: "/servicePrincipals/principal", body: { appRoleAssignmentRequired: true } },
    ]);
  });

  test("is the same when it is made again", () => {
    expect(describeApi(registration)).toEqual(describeApi(registration));
    expect(describeApi(registration).appRoles[0]?.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    );
    expect(describeApi(registration).api.requestedAccessTokenVersion).toBe(2);
  });
});

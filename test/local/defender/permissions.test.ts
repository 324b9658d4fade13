import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defenderRoutes } from "../../../local/defender/api/defender-api.ts";
import { createRouter } from "../../../local/defender/api/route.ts";
import { AUDIENCES } from "../../../local/defender/state/app-registration.ts";
import { defenderCalls } from "../../../shared/defender/calls.ts";
import { simulatedDefender } from "./simulated-defender.ts";

let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());

const filled = (path: string) => path.replaceAll(/\{\w+\}/g, "1");
const routes = defenderRoutes.map((route) => ({ ...route, title: `${route.method} ${route.path}` }));

describe.each(routes)("$title", ({ method, path, service = "defender", roles }) => {
  const address = filled(service === "graph" ? `/graph/v1.0${path}` : `/api${path}`);

  test("needs one of its permissions, and names them", async () => {
    const call = defender.callAs(["Some.Other.Role"], { audience: AUDIENCES[service][0] as string });
    const { status, body } = await call(method, address);

    expect(status).toBe(403);
    expect(body.error.message).toContain(`(${roles.join(", ")})`);
  });

  test("needs a token for its service", async () => {
    const other = service === "graph" ? "defender" : "graph";
    const call = defender.callAs(roles, { audience: AUDIENCES[other][0] as string });

    expect((await call(method, address)).status).toBe(403);
  });
});

describe("every permission that a call is documented to be granted with", () => {
  const find = createRouter(defenderRoutes.filter(({ service }) => service !== "graph"));
  const findInGraph = createRouter(defenderRoutes.filter(({ service }) => service === "graph"));
  const known = defenderCalls.flatMap(({ name, service, method, path, permissions }) => {
    const found = (service === "graph" ? findInGraph : find)(method, filled(path.replace(/^\/(api|v1\.0)/, "")));
    return found ? [{ name, route: found.route, wanted: permissions[0] as string }] : [];
  });

  test.each(known)("is taken for $name", ({ route, wanted }) => {
    expect(route.roles).toContain(wanted);
  });
});

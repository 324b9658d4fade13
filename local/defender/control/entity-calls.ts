import { z } from "zod";
import { HuntingOrder, rememberAnswer } from "../state/hunting.ts";
import { SeedOrder, seedTenant } from "../state/seed/seed.ts";
import { isTableName } from "../state/tables.ts";
import type { Tenant } from "../state/tenant.ts";
import { parseExactly } from "./exact-json.ts";
import { oneOrMany } from "./schema.ts";

const Rows = oneOrMany(z.record(z.string(), z.unknown()));

/** What the control API can do with entities beside machines and alerts; `undefined` for calls it does not know. */
export function performEntityCall(tenant: Tenant, method: string, resource: string, id: string, text: string) {
  const { tables } = tenant;
  if (method === "POST" && resource === "hunting") {
    for (const order of oneOrMany(HuntingOrder).parse(parseExactly(text))) rememberAnswer(tables, order);
    return {};
  }
  if (method === "POST" && resource === "seed") return seedTenant(tenant, SeedOrder.parse(JSON.parse(text)));
  if (resource !== "tables" || !isTableName(id)) return undefined;
  switch (method) {
    case "GET":
      return { rows: tables[id].all() };
    case "POST":
      for (const row of Rows.parse(JSON.parse(text))) tables.put(id, row as never);
      return {};
    case "DELETE":
      tables.clear(id);
      return {};
    default:
      return undefined;
  }
}

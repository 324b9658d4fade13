import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { SyncSettings } from "../shared/indicators/sync-settings.ts";
import { Notifications } from "../shared/notifications/channel-settings.ts";
import { AutomationRules } from "../shared/rules/automation-rule.ts";

/** JSON Schemas for editors, which complete and check what people write in `config/`, by their file. */
export const schemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ["automation-rules.schema.json", AutomationRules],
  ["feeds.schema.json", SyncSettings],
  ["notifications.schema.json", Notifications],
]);

const fileOf = (name: string): URL => new URL(`../config/${name}`, import.meta.url);

/** The text of a schema's file. */
export const schemaText = (schema: z.ZodType): string =>
  `${JSON.stringify(z.toJSONSchema(schema, { io: "input" }), null, 2)}\n`;

/** A schema as it was last written. */
export const writtenSchema = (name: string): string => readFileSync(fileOf(name), "utf8");

if (import.meta.main) for (const [name, schema] of schemas) writeFileSync(fileOf(name), schemaText(schema));

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { schemas, schemaText, writtenSchema } from "../../docs/generate-schemas.ts";

test.each([...schemas])("config/%s tells what the code takes", (name, schema) => {
  expect(writtenSchema(name), "the schema has changed: run `npm run docs`").toBe(schemaText(schema));
});

test.each([...schemas.keys()])("an editor finds config/%s from the file it is for", (name) => {
  const file = new URL(`../../config/${name.replace(".schema.json", ".yaml")}`, import.meta.url);

  expect(readFileSync(file, "utf8")).toMatch(`# yaml-language-server: $schema=./${name}\n`);
});

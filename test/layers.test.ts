import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What the files of a folder import, types included. */
function importsOf(folder: string): { file: string; source: string }[] {
  return globSync(`${folder}/**/*.ts`).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    return [...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"/gms)].map(([, source]) => ({
      file,
      source: source as string,
    }));
  });
}

const offending = (folder: string, forbidden: RegExp) =>
  importsOf(folder)
    .filter(({ source }) => forbidden.test(source))
    .map(({ file, source }) => `${file} imports ${source}`);

test("shared code knows neither Azure Functions nor Durable", () => {
  expect(offending("shared", /^(@azure\/functions|durable-functions)/)).toEqual([]);
});

test("the app knows nothing of what runs it on one machine", () => {
  expect([...offending("functions", /\/local\//), ...offending("shared", /\/(local|functions)\//)]).toEqual([]);
});

test("playbooks know neither triggers nor Durable, and activities know no playbook", () => {
  expect(offending("functions/playbooks", /^(durable-functions|@azure\/)|\/triggers\/|\/durable\//)).toEqual([]);
  expect(offending("functions/activities", /^(durable-functions|@azure\/)|\/(playbooks|triggers)\//)).toEqual([]);
});

test("playbooks have no clock, random or I/O of their own", () => {
  const forbidden = /Date\.now|new Date\(\)|Math\.random|randomUUID|\bfetch\(|\bawait\b|process\.|console\./;
  const found = globSync("functions/playbooks/**/*.ts").filter((file) => forbidden.test(readFileSync(file, "utf8")));
  expect(found).toEqual([]);
});

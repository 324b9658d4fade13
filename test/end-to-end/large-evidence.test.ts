import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const proof = join(import.meta.dirname, "../../bench/evidence-proof.ts");

test("a large package is stored and verified byte for byte in far less memory than it is large", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [proof, "--megabytes", "192", "--json"]);

  const figures = JSON.parse(stdout) as { growthMb: number };
  expect(figures).toMatchObject({ bytes: 192 * 1024 ** 2, sha256Matches: true });
  expect(figures.growthMb).toBeLessThan(160);
}, 180_000);

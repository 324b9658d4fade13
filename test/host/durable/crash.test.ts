import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { randomOf } from "./random.ts";

const SCRIPT = join(import.meta.dirname, "crash-child.ts");
const INSTANCES = 200;
/** Ten times what it takes: other tests may want the machine too. */
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: PATIENCE_MS });
const FEW = 30;
const COUNTERS = 5;

/** Other moments of the work each time, and again the same ones with the same seed: `CRASH_SEED=7 npx vitest run crash`. */
const SEED = Number(process.env.CRASH_SEED ?? 1);
const LONGEST_LIFE_MS = 1_000;

test("loses nothing and does nothing twice when it is killed again and again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-"));
  try {
    const file = join(folder, "runs.db");
    const random = randomOf(SEED);
    for (let life = 1; life <= 3; life += 1) expect(await runAndKill(file, random() * LONGEST_LIFE_MS)).toBe("SIGKILL");
    const { outputs, counts } = await runToEnd(file);

    expect(outputs).toEqual(Array.from({ length: INSTANCES }, (_, n) => [n, 2, 4, n * 2]));
    // Each of two rounds adds one by signal, one by call and one under a lock.
    const perCounter = (INSTANCES / COUNTERS) * 2 * 3;
    expect(Object.values(counts)).toEqual(Array.from({ length: COUNTERS }, () => perCounter));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("ends with a clear reason when the disk takes no more, and goes on when it does again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "full-"));
  try {
    const file = join(folder, "runs.db");
    // The shell limits how long a file may get, in units of 512 bytes.
    const command = `ulimit -f 600; exec "${process.execPath}" "${SCRIPT}" "${file}" ${FEW}`;
    const { status, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8", timeout: PATIENCE_MS });
    expect(stderr).toMatch(/The runs in .+runs.db could not be saved: (disk I\/O error|database or disk is full)/);
    expect(status).toBe(1);

    expect((await runToEnd(file, FEW)).outputs).toHaveLength(FEW);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Kills the process so long after it has started everything. */
async function runAndKill(file: string, lifeMs: number): Promise<unknown> {
  const { child, lines } = start(file);
  const ended = once(child, "exit");
  await lines.next();
  await pause(lifeMs);
  child.kill("SIGKILL");
  const [, signal] = await ended;
  return signal;
}

async function runToEnd(
  file: string,
  instances = INSTANCES,
): Promise<{ outputs: unknown[]; counts: Record<string, number> }> {
  const { child, lines } = start(file, instances);
  const ended = once(child, "exit");
  await lines.next();
  const { value } = await lines.next();
  await ended;
  return JSON.parse(String(value)) as { outputs: unknown[]; counts: Record<string, number> };
}

function start(file: string, instances = INSTANCES) {
  const child = spawn(process.execPath, [SCRIPT, file, String(instances)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: PATIENCE_MS,
  });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

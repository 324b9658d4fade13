import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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
    for (let life = 1; life <= 3; life += 1) {
      expect(await killAfter(startAll(file, INSTANCES), random() * LONGEST_LIFE_MS)).toBe("SIGKILL");
    }
    const { outputs, counts } = await runToEnd(file);

    expect(outputs).toEqual(Array.from({ length: INSTANCES }, (_, n) => [n, 2, 4, n * 2]));
    // Each of two rounds adds one by signal, one by call and one under a lock.
    const perCounter = (INSTANCES / COUNTERS) * 2 * 3;
    expect(Object.values(counts)).toEqual(Array.from({ length: COUNTERS }, () => perCounter));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("hands over every event it has accepted, once and in order, however often it is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  try {
    const file = join(folder, "runs.db");
    const random = randomOf(SEED);
    for (let life = 1; life <= 3; life += 1) {
      expect(await killAfter(start("events-child.ts", file, "send"), 300 + random() * 300)).toBe("SIGKILL");
    }
    const { child, lines } = start("events-child.ts", file, "collect");
    const ended = once(child, "exit");
    const got = JSON.parse(String((await lines.next()).value)) as Record<string, number[]>;
    await ended;

    const accepted = readFileSync(`${file}.accepted`, "utf8").trim().split("\n");
    const received = new Set(
      Object.entries(got).flatMap(([id, numbers]) => numbers.map((number) => `${id} ${number}`)),
    );
    expect(accepted.filter((line) => !received.has(line))).toEqual([]);
    for (const numbers of Object.values(got)) expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
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
async function killAfter({ child, lines }: ReturnType<typeof start>, lifeMs: number): Promise<unknown> {
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
  const { child, lines } = startAll(file, instances);
  const ended = once(child, "exit");
  await lines.next();
  const { value } = await lines.next();
  await ended;
  return JSON.parse(String(value)) as { outputs: unknown[]; counts: Record<string, number> };
}

const startAll = (file: string, instances: number) => start("crash-child.ts", file, String(instances));

function start(script: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: PATIENCE_MS,
  });
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

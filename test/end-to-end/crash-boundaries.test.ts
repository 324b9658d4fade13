import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { figuresOf } from "../../bench/containment-end.ts";
import { type Crash, crashAtEachMoment } from "../../bench/crash-moments.ts";
import { killAtSomeCalls } from "../../bench/crash-processes.ts";

/** Other calls each time, and again the same ones with the same seed: `CRASH_SEED=7 npx vitest run crash-boundaries`. */
const SEED = Number(process.env.CRASH_SEED ?? 1);
const KILLS = 3;

const oneOfEach = (boundaries: number) => ({
  ...{ boundaries, isolations: boundaries, packages: boundaries, tickets: boundaries, finalComments: boundaries },
  differing: 0,
});
const endsOf = (crashes: readonly Crash[]) => crashes.map(({ end }) => end);

test("a host that dies before or after any step of a containment leaves one of everything, and the same end", async () => {
  const { undisturbed, crashes } = await crashAtEachMoment();

  expect(crashes.map(({ moment }) => moment)).toEqual(
    expect.arrayContaining(["isolateMachine ended", "openTicket ended", "storePackage ended", "closeCase ended"]),
  );
  for (const { moment, end } of crashes) expect(end, moment).toEqual(undisturbed);
  expect(figuresOf(undisturbed, endsOf(crashes))).toEqual(oneOfEach(crashes.length));
}, 120_000);

test("a host process that is killed while Defender answers leaves one of everything, and the same end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "playbooks-kills-"));
  try {
    const { undisturbed, crashes } = await killAtSomeCalls(folder, { times: KILLS, seed: SEED });

    for (const { moment, end } of crashes) expect(end, moment).toEqual(undisturbed);
    expect(figuresOf(undisturbed, endsOf(crashes))).toEqual(oneOfEach(KILLS));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { liveFile } from "../../shared/live-file.ts";

const folder = mkdtempSync(join(tmpdir(), "live-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LATER = 3000;

/** A file with one whole number in it, and a clock. */
function aLiveNumber(name: string) {
  const path = join(folder, name);
  const write = (text: string) => writeFileSync(path, text);
  write("1");
  const clock = { ms: 0 };
  const problems: string[] = [];
  let reads = 0;
  const current = liveFile(
    () => {
      reads += 1;
      const text = readFileSync(path, "utf8");
      if (!/^\d+$/.test(text)) throw new Error(`"${text}" is no number`);
      return Number(text);
    },
    { path, now: () => clock.ms, onProblem: ({ message }) => problems.push(message) },
  );
  const later = () => {
    clock.ms += LATER;
    return current();
  };
  return { path, write, clock, problems, current, later, reads: () => reads };
}

test("gives what the file says, and some seconds after a change what it says then", () => {
  const { write, current, clock } = aLiveNumber("change");

  write("22");
  expect(current()).toBe(1);
  clock.ms = LATER - 1;
  expect(current()).toBe(1);
  clock.ms = LATER;
  expect(current()).toBe(22);
});

test("reads a file that does not change once", () => {
  const { later, reads } = aLiveNumber("same");

  for (let time = 0; time < 10; time += 1) later();

  expect(reads()).toBe(1);
});

test("keeps the last good version while the file is broken, and tells of each problem once", () => {
  const { write, later, problems } = aLiveNumber("broken");

  write("one");
  expect([later(), later(), later()]).toEqual([1, 1, 1]);
  expect(problems).toEqual(['"one" is no number']);
  write("two!");
  expect([later(), later()]).toEqual([1, 1]);
  expect(problems).toEqual(['"one" is no number', '"two!" is no number']);
  write("333");
  expect(later()).toBe(333);
  write("two!");
  expect(later()).toBe(333);
  expect(problems).toHaveLength(3);
});

test("outlives the file being taken away and put back", () => {
  const { path, write, later, problems } = aLiveNumber("gone");

  rmSync(path);
  expect([later(), later()]).toEqual([1, 1]);
  expect(problems).toHaveLength(1);
  write("4444");
  expect(later()).toBe(4444);
});

test("a clock that is set back does not keep it from looking", () => {
  const { write, current, clock } = aLiveNumber("clock");

  write("55555");
  clock.ms = -3_600_000;
  expect(current()).toBe(55_555);
});

test("a file that cannot be used at the start is refused", () => {
  const read = () => {
    throw new Error("broken");
  };

  expect(() => liveFile(read, { path: join(folder, "never"), onProblem: () => undefined })).toThrow("broken");
});

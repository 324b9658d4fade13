import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../../local/host/durable/database.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runs-"));
  file = join(folder, "runs.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (onFailure: (error: Error) => void = () => undefined) => openDatabase(file, onFailure);
const insert = (database: ReturnType<typeof open>, id: string, input = "null") =>
  database.sql.prepare("INSERT INTO tasks VALUES (?, ?, 'e', 1, 'n', ?)").run(Number(id), id, input);

/** A file with so much in it that it has many pages. */
async function filled(): Promise<void> {
  const database = open();
  await database.write(() => {
    for (let id = 0; id < 500; id += 1) insert(database, String(id), "x".repeat(1_000));
  });
  database.close();
}

test("says of a file that is no database what to do", () => {
  writeFileSync(file, randomBytes(20_000));

  expect(() => open()).toThrow(
    `${file} is damaged (file is not a database): restore it from a backup, or move it away to start without the runs in it.`,
  );
});

test("says of a file that is cut off or overwritten in the middle what to do", async () => {
  await filled();
  const whole = readFileSync(file);
  truncateSync(file, Math.floor(statSync(file).size / 2));
  expect(() => open()).toThrow(/is damaged \(.+\): restore it from a backup, or move it away/);

  whole.fill(randomBytes(8_192), 200_000, 208_192);
  writeFileSync(file, whole);
  expect(() => open()).toThrow(/is damaged \(.+\): restore it from a backup, or move it away/);
});

test("leaves a file of a newer version alone", async () => {
  open().close();
  const other = new DatabaseSync(file);
  other.exec("PRAGMA user_version = 99");
  other.close();

  expect(() => open()).toThrow("was written by a newer version of this program: use that one, or another folder.");
});

test("brings a file of an older version up to date, with all that is in it", async () => {
  open().close();
  const other = new DatabaseSync(file);
  other.exec("DROP INDEX instancesByStatus; PRAGMA user_version = 1;");
  other.exec("INSERT INTO tasks VALUES (7, 'old', 'e', 1, 'n', 'null')");
  other.close();
  const database = open();

  expect(database.sql.prepare("PRAGMA user_version").get()).toEqual({ user_version: 2 });
  expect(database.sql.prepare("SELECT name FROM sqlite_schema WHERE name = 'instancesByStatus'").all()).toHaveLength(1);
  expect(database.sql.prepare("SELECT instanceId FROM tasks").all()).toEqual([{ instanceId: "old" }]);
  database.close();
});

test("says that another host has the file, and takes it when that one is gone", () => {
  const first = open();
  expect(() => open()).toThrow(`${file} is in use by another host: stop that one, or give this one another folder.`);
  first.close();
  open().close();
});

test("says which folder cannot be made", () => {
  writeFileSync(join(folder, "plain"), "");
  file = join(folder, "plain", "runs.db");

  expect(() => open()).toThrow(/runs.db cannot be opened \(.+\): check that it may be written\./);
});

test("tells once that the disk refuses a write, keeps what was there, and writes no more", async () => {
  const failures: Error[] = [];
  const database = open((error) => failures.push(error));
  await database.write(() => insert(database, "1"));
  database.sql.exec("PRAGMA max_page_count = 20"); // as a full disk answers
  const both = Promise.allSettled([
    database.write(() => insert(database, "2")),
    database.write(() => insert(database, "3", "x".repeat(200_000))),
  ]);
  const reason = `The runs in ${file} could not be saved: database or disk is full`;
  expect(await both).toMatchObject([
    { status: "rejected", reason: { message: reason } },
    { status: "rejected", reason: { message: reason } },
  ]);
  await expect(database.write(() => insert(database, "4"))).rejects.toThrow(reason);
  database.writeSoon(() => insert(database, "5"));
  expect(failures.map(({ message }) => message)).toEqual([reason]);
  database.close();

  const again = open();
  expect(again.sql.prepare("SELECT id FROM tasks").all()).toEqual([{ id: 1 }]);
  again.close();
});

test("writes what is waiting when it is closed, and nothing afterwards", async () => {
  const database = open();
  const waiting = database.write(() => insert(database, "1"));
  database.close();
  await waiting;
  await expect(database.write(() => insert(database, "2"))).rejects.toThrow("are closed");

  const again = open();
  expect(again.sql.prepare("SELECT id FROM tasks").all()).toEqual([{ id: 1 }]);
  again.close();
});

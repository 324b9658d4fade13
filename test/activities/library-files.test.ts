import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { deleteLibraryFile } from "../../functions/activities/delete-library-file.ts";
import { listLibraryFiles } from "../../functions/activities/list-library-files.ts";
import { putLibraryFile } from "../../functions/activities/put-library-file.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const input = { fileName: "collect.ps1", content: "Get-Process\n", description: "Lists processes" };
const sha256 = createHash("sha256").update(input.content).digest("hex");
const uploads = { method: "POST", path: "/api/libraryfiles" };

test("puts a script into the library once, however often the step runs", async () => {
  await using defender = await simulatedDefender();

  expect(await defender.perform(putLibraryFile, input)).toMatchObject({ fileName: "collect.ps1", sha256 });
  expect(await defender.perform(putLibraryFile, input)).toMatchObject({ fileName: "collect.ps1", sha256 });
  expect(await defender.simulator.journal(uploads)).toHaveLength(1);
  expect(await defender.perform(listLibraryFiles, {})).toMatchObject([{ fileName: "collect.ps1", sha256 }]);
});

test("finds its own upload when the answer was lost", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.fault({ ...uploads, effect: "drop", performed: true });

  await expect(defender.perform(putLibraryFile, input)).rejects.toThrow(/got no response/);
  expect(await defender.perform(putLibraryFile, input)).toMatchObject({ sha256 });
  expect(await defender.simulator.journal(uploads)).toHaveLength(1);
});

test("replaces a script of another content only where that is said", async () => {
  await using defender = await simulatedDefender();
  await defender.perform(putLibraryFile, { ...input, content: "exit 1" });

  await expect(defender.perform(putLibraryFile, input)).rejects.toMatchObject({ code: "FileExists" });
  expect(await defender.perform(putLibraryFile, { ...input, overwrite: true })).toMatchObject({ sha256 });
});

test("deletes a script, and is content with one that is gone", async () => {
  await using defender = await simulatedDefender();
  await defender.perform(putLibraryFile, input);

  expect(await defender.perform(deleteLibraryFile, { fileName: "collect.ps1" })).toEqual({ deleted: true });
  expect(await defender.perform(deleteLibraryFile, { fileName: "collect.ps1" })).toEqual({ deleted: false });
});

test("takes no name that leads elsewhere", async () => {
  await using defender = await simulatedDefender();

  for (const fileName of ["../machines", "..", "a/b"]) {
    await expect(defender.perform(deleteLibraryFile, { fileName })).rejects.toMatchObject({ code: "InvalidInput" });
  }
  expect(await defender.simulator.journal()).toEqual([]);
});

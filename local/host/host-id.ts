import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The name of this host towards others, kept in its folder so that it knows after a crash what it left behind. */
export async function hostIdOf(stateFolder: string): Promise<string> {
  const file = join(stateFolder, "host-id");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept !== "") return kept;
  const id = randomUUID();
  await mkdir(stateFolder, { recursive: true });
  await writeFile(file, `${id}\n`);
  return id;
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { readJsonFile } from "./json-file.ts";

const Key = z.string().min(16);
const NamedKeys = z.record(z.string(), Key);

const KeyFile = z.object({
  masterKey: Key,
  /** Open every function. */
  functionKeys: NamedKeys,
  /** For extensions; `durabletask_extension` opens Durable's own addresses. */
  systemKeys: NamedKeys,
  /** Open one function each. */
  functions: z.record(z.string(), NamedKeys),
});

type KeyFile = z.infer<typeof KeyFile>;

export type AuthLevel = "anonymous" | "function" | "admin";

/** Who may call what: the keys of the Functions host, without the accounts of Azure. */
export class HostKeys {
  readonly file: string;
  readonly #keys: KeyFile;

  constructor(file: string, keys: KeyFile) {
    this.file = file;
    this.#keys = keys;
  }

  /** Opens everything, the host's own addresses too. */
  get masterKey(): string {
    return this.#keys.masterKey;
  }

  /** Opens Durable's HTTP addresses. */
  get durableKey(): string {
    return this.#keys.systemKeys.durabletask_extension ?? this.masterKey;
  }

  /** Opens every function that asks for a function key. */
  get functionKey(): string {
    return this.#keys.functionKeys.default ?? this.masterKey;
  }

  /** Makes a key for each function that has none yet. */
  async addFunctions(names: Iterable<string>): Promise<void> {
    const without = [...names].filter((name) => this.#keys.functions[name] === undefined);
    for (const name of without) this.#keys.functions[name] = { default: newKey() };
    if (without.length > 0) await save(this.file, this.#keys);
  }

  /** Whether `given` opens a function of this level. Takes the same time whatever the key. */
  opens(level: AuthLevel, functionName: string, given: string | undefined): boolean {
    if (level === "anonymous") return true;
    const keys = [this.masterKey];
    if (level === "function") {
      keys.push(...Object.values(this.#keys.functionKeys));
      keys.push(...Object.values(this.#keys.functions[functionName] ?? {}));
    }
    return matchesOne(keys, given);
  }
}

/**
 * Reads the host's keys, or makes them at random on the first start; only the owner of the file can read it.
 *
 * @throws Error of one sentence when the file is damaged
 */
export async function openKeys(file: string): Promise<HostKeys> {
  const json = await readJsonFile(file);
  const parsed = KeyFile.safeParse(json ?? newKeys());
  if (!parsed.success) {
    throw new Error(
      `${file} does not hold the host's keys any more: delete it and new ones are made at the next start.`,
    );
  }
  if (json === undefined) await save(file, parsed.data);
  return new HostKeys(file, parsed.data);
}

function matchesOne(keys: string[], given: string | undefined): boolean {
  const digest = digestOf(given ?? "");
  let matches = false;
  for (const key of keys) if (timingSafeEqual(digestOf(key), digest)) matches = true;
  return matches;
}

/** Digests are of one length, as a constant-time comparison needs. */
function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function newKeys(): KeyFile {
  return {
    masterKey: newKey(),
    functionKeys: { default: newKey() },
    systemKeys: { durabletask_extension: newKey() },
    functions: {},
  };
}

function newKey(): string {
  return randomBytes(32).toString("base64url");
}

/** Through a second file, so that a crash never leaves half a key file. */
async function save(file: string, keys: KeyFile): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

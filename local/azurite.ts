import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const account = "devstoreaccount1";
const services = ["Blob", "Queue", "Table"] as const;

type Service = (typeof services)[number];

export interface AzuriteOptions {
  /** Where blobs, queues and tables are kept. Without it everything is in memory and gone at the end. */
  folder?: string;
  /** Fixed ports; a free one is taken for each that is not given. */
  ports?: { blob?: number; queue?: number; table?: number };
}

export interface Azurite {
  /** For `AzureWebJobsStorage` and every storage client. Holds the account key: never log it. */
  connectionString: string;
  stop(): Promise<void>;
}

/**
 * Starts Microsoft's storage emulator (blobs, queues and tables in one child process) and waits until it answers.
 *
 * The account key is random, not the published one, so that no other program on the machine reaches the data by
 * guessing; with a folder it is kept there, so that addresses signed with it stay good over a restart.
 *
 * @throws Error with Azurite's own reason, such as a port in use
 */
export async function startAzurite({ folder, ports = {} }: AzuriteOptions = {}): Promise<Azurite> {
  const key = folder === undefined ? newKey() : await keyOf(folder);
  const child = fork(new URL("azurite-process.ts", import.meta.url), azuriteArguments(folder, ports), {
    // Options of Node that are meant for the parent, such as a program on the command line, are not for the child.
    execArgv: [],
    env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${key}` },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Ctrl-C is for this process, which then ends its children in their order.
    detached: true,
  });

  const addresses = await listening(child);
  await Promise.all(services.map((service) => connects(addresses[service])));

  const endpoints = services.map((service) => `${service}Endpoint=${addresses[service]}/${account};`);
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoints.join("")}`,
    stop: () => stop(child),
  };
}

function azuriteArguments(folder: string | undefined, ports: NonNullable<AzuriteOptions["ports"]>): string[] {
  const storage = folder === undefined ? ["--inMemoryPersistence"] : ["--location", folder];
  const listen = [ports.blob ?? 0, ports.queue ?? 0, ports.table ?? 0].map(String);
  return [
    ...storage,
    ...["--blobPort", listen[0], "--queuePort", listen[1], "--tablePort", listen[2]].map(String),
    "--silent",
    "--disableTelemetry",
    // The storage clients are often newer than the newest API version Azurite knows.
    "--skipApiVersionCheck",
  ];
}

/** Reads the three addresses from what Azurite prints: with port 0 only Azurite knows them. */
async function listening(child: ChildProcess): Promise<Record<Service, string>> {
  const found: Partial<Record<Service, string>> = {};
  let complaint = "";
  child.stderr?.on("data", (text) => {
    complaint += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<Record<Service, string>>();
  child.once("error", reject);
  child.once("exit", () => reject(new Error(`Azurite could not start: ${complaint.trim() || "it ended at once"}`)));
  if (child.stdout) {
    createInterface(child.stdout).on("line", (line) => {
      const [, service, address] = line.match(/^Azurite (\w+) service is successfully listening at (\S+)/) ?? [];
      if (!service || !address) return;
      found[service as Service] = address;
      if (isComplete(found)) resolve(found);
    });
  }
  return promise;
}

function isComplete(found: Partial<Record<Service, string>>): found is Record<Service, string> {
  return services.every((service) => found[service] !== undefined);
}

async function connects(address: string): Promise<void> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}

/** Lets Azurite save and end; a child that does not is killed after ten seconds. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const impatience = setTimeout(() => child.kill("SIGKILL"), 10_000);
  if (child.connected) child.disconnect();
  else child.kill("SIGTERM");
  await ended;
  clearTimeout(impatience);
}

async function keyOf(folder: string): Promise<string> {
  const file = join(folder, "account-key");
  await mkdir(folder, { recursive: true });
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const key = newKey();
    await writeFile(file, key, { mode: 0o600 });
    return key;
  }
}

function newKey(): string {
  return randomBytes(64).toString("base64");
}

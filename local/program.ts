import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A local program running as a child of this process. */
export interface Program<Addresses> {
  addresses: Addresses;
  pid: number;
  /** Resolves with the exit code once it has ended, expected or not; `null` after a kill. */
  ended: Promise<number | null>;
  /** The last thing it printed. */
  lastLine(): string;
  /** Lets it finish what it is doing; kills it after 20 seconds. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** What it prints, line by line. */
  onLine?: (line: string) => void;
}

const PATIENCE_MS = 20_000;

/**
 * Starts one of the programs under `local/` and waits until it listens.
 *
 * @throws Error with what the program itself said, when it ends before that
 */
export async function startProgram<Addresses>(
  file: string,
  programArguments: readonly string[],
  { env = {}, onLine = () => undefined }: ProgramOptions = {},
): Promise<Program<Addresses>> {
  const child = fork(new URL(file, import.meta.url), programArguments, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Ctrl-C is for this process, which then ends its children in their order.
    detached: true,
    // Options such as --eval are for this process alone.
    execArgv: [],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface(stream).on("line", (line) => {
      said.push(line);
      if (said.length > 50) said.shift();
      onLine(line);
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  const addresses = await Promise.race([
    readyMessage<Addresses>(child),
    ended.then(() => {
      throw new Error(said.join("\n") || `${file} ended before it was ready`);
    }),
  ]);
  return {
    addresses,
    pid: child.pid as number,
    ended,
    lastLine: () => said.at(-1) ?? "it said nothing",
    async stop() {
      const impatience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(impatience);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function readyMessage<Addresses>(child: ChildProcess): Promise<Addresses> {
  for (;;) {
    const [message] = (await once(child, "message")) as [{ ready?: Addresses }];
    if (message.ready) return message.ready;
  }
}

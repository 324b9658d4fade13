/**
 * The embedded Functions host as a process of its own.
 */
import { parseArgs } from "node:util";
import { announceReady, exitWith, stopGracefully } from "../child.ts";
import type { HostOptions } from "./host.ts";
import { consoleLog, isLogLevel, type LogLevel, messageOf } from "./log.ts";

const help = `Usage: node local/host/main.ts --state DIR [--port N] [--app DIR]

Runs a Functions app of this machine, with Durable Functions, on 127.0.0.1.

  --state DIR        where runs, timers and keys are kept; created when missing
  --port N           the port to listen on; 7071 unless given, 0 for a free one
  --app DIR          the app: a folder with host.json and package.json; the current folder unless given
  --entry FILE       the file to load instead of the one package.json names as main
  --grace SECONDS    how long calls under way may take when the host stops; 30 unless given
  --log-level LEVEL  debug, info, warn or error; info unless given
  --quiet            the same as --log-level warn
  --help             show this

App settings come from the environment and from local.settings.json in the app's folder; the environment wins.`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await run(options);
  else console.log(help);
} catch (error) {
  exitWith(error);
}

async function run({ logLevel, ...options }: HostOptions & { logLevel: LogLevel }): Promise<void> {
  const log = consoleLog(logLevel);
  // A promise that an app forgot to wait for must not end everybody else's runs.
  process.on("unhandledRejection", (error) =>
    log.error("A promise failed that nobody waits for", { error: messageOf(error) }),
  );
  // Loaded only now, so that a wrong option is answered at once.
  const { startHost } = await import("./host.ts");
  const host = await startHost({ ...options, log, onFailure: exitWith });
  stopGracefully(host.stop);
  announceReady({ url: host.url, keysFile: host.keysFile });
}

function readOptions(args: string[]): (HostOptions & { logLevel: LogLevel }) | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.state === undefined) throw new Error("Say where the host keeps its state with --state DIR.");
  const logLevel = values["log-level"] ?? (values.quiet ? "warn" : "info");
  if (!isLogLevel(logLevel)) throw new Error(`--log-level ${logLevel} is not one of debug, info, warn and error.`);
  return {
    appFolder: values.app ?? process.cwd(),
    ...(values.entry !== undefined && { entry: values.entry }),
    stateFolder: values.state,
    port: wholeNumber("--port", values.port ?? "7071", 65_535),
    graceMs: wholeNumber("--grace", values.grace ?? "30", 3600) * 1000,
    logLevel,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        state: { type: "string" },
        port: { type: "string" },
        app: { type: "string" },
        entry: { type: "string" },
        grace: { type: "string" },
        "log-level": { type: "string" },
        quiet: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    // Only the first sentence is about the option; the rest is advice on arguments this program does not take.
    throw new Error(`${messageOf(error).split(". ")[0]}; --help shows the options.`, { cause: error });
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new Error(`${option} ${text} is not a whole number from 0 to ${most}.`);
}

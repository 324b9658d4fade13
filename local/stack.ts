import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startAzurite } from "./azurite.ts";
import { createSimulatorControl, type SimulatorControl } from "./defender/control-client.ts";
import type { RunningDefender } from "./defender/server.ts";
import { type Program, startProgram } from "./program.ts";

export const ALERT_HUB = "defender-alerts";
const CONSUMER_GROUP = "playbooks";
const APP = join(import.meta.dirname, "..");

export interface StackOptions {
  /** Where everything is kept, so that the next start goes on where this one stopped. */
  folder: string;
  /** Fixed ports; 0 or left out for free ones. */
  ports?: { host?: number; defender?: number; authority?: number; eventHubs?: number };
  /** Options of the Defender simulator, as `node local/defender/main.ts --help` lists them. */
  simulator?: readonly string[];
  /** Multiplies Defender's call limits, for the simulator and in what the app knows of them. @default 1 */
  limitScale?: number;
  /** Has the app read alerts from its own storage, as if Defender exported to it. */
  storageExport?: boolean;
  /** App settings beside those that follow from the stack, and over them. */
  settings?: Record<string, string>;
  /** What the programs print: the name of the program and the line. */
  onLine?: (program: string, line: string) => void;
}

type DefenderAddresses = Omit<RunningDefender, "issueToken" | "issueUserToken" | "close">;

interface HostAddresses {
  url: string;
  keysFile: string;
}

/** Everything on one machine: storage, stream, Defender simulator, and the app on the embedded host. */
export interface Stack {
  host: Program<HostAddresses>;
  defender: DefenderAddresses;
  simulator: SimulatorControl;
  eventHubsConnectionString: string;
  storageConnectionString: string;
  /** Every app setting the host was started with. Holds secrets: never log it. */
  settings: Record<string, string>;
  /** Process ids by program: `host`, `defender`, `event-hubs`. */
  pids: ReadonlyMap<string, number>;
  /** Resolves when a program ends that nobody has stopped, with its name and what it said last. */
  lost: Promise<string>;
  /** Starts the host again after it was killed or stopped; it takes up where it was. */
  restartHost(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts everything as child processes of this one. They end with it, however it ends.
 *
 * @throws Error with the words of the program that could not start; what had started is stopped again
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, ports = {}, limitScale = 1, onLine = () => undefined } = options;
  const started: { stop(): Promise<void> }[] = [];
  const pids = new Map<string, number>();
  const lost = Promise.withResolvers<string>();
  const folderOf = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const program = async <Addresses>(name: string, file: string, args: string[], env?: Record<string, string>) => {
    const running = await startProgram<Addresses>(file, args, {
      ...(env && { env }),
      onLine: (line) => onLine(name, line),
    });
    started.push(running);
    pids.set(name, running.pid);
    void running.ended.then(() => {
      if (started.includes(running)) lost.resolve(`${name} has ended unexpectedly: ${running.lastLine()}`);
    });
    return running;
  };
  const stop = async () => {
    for (const { stop } of started.splice(0).reverse()) await stop();
  };

  try {
    const [azurite, eventHubs, defender] = await Promise.all([
      startAzurite({ folder: folderOf("storage") }).then((running) => {
        started.push(running);
        return running;
      }),
      program<{ connectionString: string }>("event-hubs", "event-hubs/main.ts", [
        ...["--port", String(ports.eventHubs ?? 0), "--folder", folderOf("event-hubs")],
        ...["--hub", `${ALERT_HUB}:4:${CONSUMER_GROUP}`],
      ]),
      program<DefenderAddresses>("defender", "defender/main.ts", [
        ...["--port", String(ports.defender ?? 0), "--authority-port", String(ports.authority ?? 0)],
        ...["--folder", folderOf("defender"), "--limit-scale", String(limitScale), ...(options.simulator ?? [])],
      ]),
    ]);

    const settings = {
      AzureWebJobsStorage: azurite.connectionString,
      AlertEventHub: eventHubs.addresses.connectionString,
      ALERT_EVENT_HUB_NAME: ALERT_HUB,
      ALERT_EVENT_HUB_CONSUMER_GROUP: CONSUMER_GROUP,
      ...settingsFor(defender.addresses),
      DEFENDER_LIMIT_SCALE: String(limitScale),
      ...(options.storageExport && { ALERT_EXPORT_CONNECTION: azurite.connectionString }),
      ...options.settings,
    };
    const startHost = () =>
      program<HostAddresses>(
        "host",
        "host/main.ts",
        ["--port", String(ports.host ?? 0), "--state", folderOf("host"), "--app", APP, "--entry", "functions/main.ts"],
        settings,
      );

    const stack: Stack = {
      host: await startHost(),
      defender: defender.addresses,
      simulator: createSimulatorControl(defender.addresses.apiUrl),
      eventHubsConnectionString: eventHubs.addresses.connectionString,
      storageConnectionString: azurite.connectionString,
      settings,
      pids,
      lost: lost.promise,
      async restartHost() {
        started.splice(started.indexOf(stack.host), 1);
        stack.host = await startHost();
      },
      stop,
    };
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What makes the app take the simulator for Defender, sign-in included. */
const settingsFor = (defender: DefenderAddresses) => ({
  DEFENDER_API_URL: defender.apiUrl,
  XDR_API_URL: defender.apiUrl,
  GRAPH_API_URL: `${defender.apiUrl}/graph`,
  AZURE_AUTHORITY_HOST: defender.authorityUrl,
  AZURE_TENANT_ID: defender.tenantId,
  AZURE_CLIENT_ID: defender.clientId,
  AZURE_CLIENT_SECRET: defender.clientSecret,
  NODE_EXTRA_CA_CERTS: defender.caFile,
});

import { parseArgs } from "node:util";
import { announceReady, exitWith, stopGracefully } from "../child.ts";
import { type DefenderOptions, startDefender } from "./server.ts";
import type { SeedOrder } from "./state/seed/seed.ts";
import { defaultSettings } from "./state/settings.ts";

const usage = `Runs the Defender simulator: an Entra token endpoint, the Defender API with Microsoft Graph under /graph, and a
control API under /simulator.

Usage: node local/defender/main.ts [options]

  --port N                    port of the Defender API (default: a free one)
  --authority-port N          port of the token endpoint (default: a free one)
  --folder DIR                keep machines, alerts, machine actions, journal and certificates here
  --machines N, --alerts N    make up so many, with users, software and files, unless the folder has machines
  --seed N                    make up the same machines and alerts for the same number (default: 1)
  --auto-create               make up machines and alerts that are asked for and not there
  --no-throttling             do not enforce Defender's call limits
  --limit-scale X             multiply the call limits by X
  --in-progress-after-ms N    time until a machine action is InProgress (default: 300)
  --final-after-ms N          time until a machine action is final (default: 900)
  --latency-ms N              let every answer wait this long
  --token-lifetime-seconds N  lifetime of access tokens (default: 3599)
  --tenant-id ID, --client-id ID, --client-secret SECRET
                              who may sign in
  --help                      show this text
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

try {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    console.log(usage);
    process.exit(0);
  }
  const { close, issueToken: _token, issueUserToken: _userToken, ...addresses } = await startDefender(options);
  stopGracefully(close);
  announceReady({ ...addresses });
} catch (error) {
  exitWith(error);
}

/** The options given on the command line, or nothing if help was asked for. */
function readOptions(args: string[]): DefenderOptions | undefined {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      port: text,
      "authority-port": text,
      folder: text,
      machines: text,
      alerts: text,
      seed: text,
      "auto-create": flag,
      throttling: flag,
      "limit-scale": text,
      "in-progress-after-ms": text,
      "final-after-ms": text,
      "latency-ms": text,
      "token-lifetime-seconds": text,
      "tenant-id": text,
      "client-id": text,
      "client-secret": text,
      help: flag,
    },
  });
  if (values.help) return undefined;

  const number = (name: keyof typeof values) => readNumber(name, values[name]);
  const { inProgressAfterMs, finalAfterMs } = defaultSettings.actionDelays;
  return withoutGaps({
    port: number("port"),
    authorityPort: number("authority-port"),
    folder: values.folder,
    seedData: readSeed(number("machines"), number("alerts"), number("seed")),
    tenantId: values["tenant-id"],
    clientId: values["client-id"],
    clientSecret: values["client-secret"],
    settings: withoutGaps({
      autoCreate: values["auto-create"],
      throttling: values.throttling,
      limitScale: number("limit-scale"),
      latencyMs: number("latency-ms"),
      tokenLifetimeSeconds: number("token-lifetime-seconds"),
      actionDelays: {
        inProgressAfterMs: number("in-progress-after-ms") ?? inProgressAfterMs,
        finalAfterMs: number("final-after-ms") ?? finalAfterMs,
      },
    }),
  });
}

/** Alerts need machines to be on. */
function readSeed(machines: number | undefined, alerts = 0, seed = 1): SeedOrder | undefined {
  return machines === undefined ? undefined : { machines, alerts, seed };
}

function readNumber(name: string, written: string | boolean | undefined): number | undefined {
  if (typeof written !== "string") return undefined;
  const value = Number(written);
  if (written.trim() && value >= 0) return value;
  throw new Error(`--${name} must be a number that is not negative, not "${written}".`);
}

type WithoutGaps<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** What was not given on the command line is left out, so that the defaults apply. */
function withoutGaps<T extends object>(options: T): WithoutGaps<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as WithoutGaps<T>;
}

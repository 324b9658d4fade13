/**
 * The Event Hubs stand-in as a process of its own.
 */
import { parseArgs } from "node:util";
import { announceReady, exitWith, stopGracefully } from "../child.ts";
import { parseHub } from "./hub-settings.ts";
import { startEventHubs } from "./server.ts";

const help = `Usage: node local/event-hubs/main.ts --folder DIR --hub NAME[:PARTITIONS[:GROUP,GROUP]] ...

A stand-in for Azure Event Hubs that listens on 127.0.0.1.

  --port N            the port to listen on; 5672 unless given, 0 for a free one
  --folder DIR        where events are kept; created when missing
  --hub NAME[:PARTITIONS[:GROUP,GROUP]]
                      an event hub, with 4 partitions unless given, and with consumer groups besides $Default;
                      give it once per hub
  --retention-days N  how long events are kept; 7 unless given
  --help              show this`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await run(options);
} catch (error) {
  exitWith(error);
}

async function run(options: Parameters<typeof startEventHubs>[0]): Promise<void> {
  const eventHubs = await startEventHubs(options);
  if (eventHubs.wasInterrupted) {
    console.error(
      "Event Hubs was not stopped in an orderly way: every acknowledged event is kept, a write cut short is dropped.",
    );
  }
  stopGracefully(eventHubs.close);
  announceReady({ port: eventHubs.port, connectionString: eventHubs.connectionString });
}

function readOptions(args: string[]): Parameters<typeof startEventHubs>[0] | undefined {
  const { values } = parse(args);
  if (values.help) {
    console.log(help);
    return undefined;
  }
  if (values.folder === undefined) throw new Error("Say where events are kept with --folder DIR.");
  return {
    port: wholeNumber("--port", values.port ?? "5672", 65_535),
    folder: values.folder,
    hubs: (values.hub ?? []).map(parseHub),
    ...(values["retention-days"] && {
      retention: { days: wholeNumber("--retention-days", values["retention-days"], 3650) },
    }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string" },
        folder: { type: "string" },
        hub: { type: "string", multiple: true },
        "retention-days": { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    // Node adds a hint on positional arguments that would only distract.
    const [sentence] = (error as Error).message.split(". ");
    throw new Error(`${sentence}; --help shows the options.`, { cause: error });
  }
}

function wholeNumber(option: string, value: string, max: number): number {
  if (/^\d+$/.test(value) && Number(value) <= max) return Number(value);
  throw new Error(`${option} ${value} is not a whole number from 0 to ${max}.`);
}

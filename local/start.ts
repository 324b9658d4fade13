import { parseArgs } from "node:util";
import { exitWith, stopGracefully } from "./child.ts";
import { announceApp, withdrawApp } from "./running-app.ts";
import { startStack } from "./stack.ts";

const HELP = `Usage: npm start -- [options]

Runs everything on this machine until Ctrl-C: the app on the embedded host, the Defender simulator, the Event Hubs
stand-in and a storage emulator. The next start goes on where this one stopped.

  --port N      port of the app's API (default: 7071; 0 for a free one)
  --folder DIR  where everything is kept (default: .local)
  --verbose     show what all programs print, not the app alone
  --help        show this

Alerts come from the stream, and from append blobs in the storage emulator laid out as Defender's export. With
ALERT_POLL=fill-gaps in the environment they are read from the simulator's API too. npm run dead-letters and npm run
backfill find this app by themselves.

To work with a real tenant, put its settings into local.settings.json and run the host alone:
  npm run host -- --port 7071 --state .local/host
`;

async function start({ port, folder, verbose }: { port: string; folder: string; verbose: boolean }): Promise<void> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535) throw new Error(`--port ${port} is not a port. Give 0 to 65535.`);

  console.log("Starting…");
  const stack = await startStack({
    folder,
    ports: { host: number },
    simulator: ["--auto-create"],
    storageExport: true,
    onLine(program, line) {
      if (program === "host" || verbose) console.log(`[${program}] ${line}`);
    },
  });
  const { url, keysFile } = stack.host.addresses;
  await announceApp(folder, { url, keysFile, settings: stack.settings });
  stopGracefully(async () => {
    await withdrawApp(folder);
    await stack.stop();
  });
  void stack.lost.then((what) => exitWith(new Error(`${what}. Everything else is stopped too; start again.`)));
  console.log(`
App        ${url}/api (key: functionKeys.default in ${keysFile})
Defender   ${stack.defender.apiUrl} (simulated)
Stop with Ctrl-C. To isolate a simulated device:

  curl -X POST ${url}/api/playbooks/contain-device/runs \\
    -H "x-functions-key: $(node -p "JSON.parse(fs.readFileSync('${keysFile}')).functionKeys.default")" \\
    -d '{"machineId": "1e5bc9d7e413ddd7902c2932e418702b84d0cc07"}'
`);
}

try {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "7071" },
      folder: { type: "string", default: ".local" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(HELP);
  else await start(values);
} catch (error) {
  exitWith(error);
}

import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { EventHubProducerClient } from "@azure/event-hubs";
import { expect, test } from "vitest";
import { aProcess, runToEnd, temporaryFolder } from "./stand-in.ts";

test("says where it listens, and serves the hubs it was given", async () => {
  using folder = temporaryFolder();
  const args = ["--port", "0", "--folder", folder.path, "--hub", "alerts:3:siem,audit", "--hub", "export"];
  await using standIn = await aProcess(args);

  expect(standIn.connectionString).toContain(`Endpoint=sb://127.0.0.1:${standIn.port};`);
  for (const [hub, count] of [["alerts", 3] as const, ["export", 4] as const]) {
    const client = new EventHubProducerClient(standIn.connectionString, hub);
    expect(await client.getPartitionIds()).toHaveLength(count);
    await client.close();
  }
});

test("ends with one sentence when the port is taken", async () => {
  using folder = temporaryFolder();
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
  });
  const result = await runToEnd(["--port", String(port), "--folder", folder.path, "--hub", "alerts"]);
  other.close();

  expect(result).toEqual({
    code: 1,
    output: `Port ${port} is already in use by another program; choose another with --port.`,
  });
});

test("ends with one sentence when another stand-in uses the folder", async () => {
  using folder = temporaryFolder();
  const args = ["--port", "0", "--folder", folder.path, "--hub", "alerts"];
  await using _other = await aProcess(args);

  expect(await runToEnd(args)).toEqual({
    code: 1,
    output: `The folder ${folder.path} is already in use by another Event Hubs stand-in; stop it or choose another with --folder.`,
  });
});

test("ends with one sentence when the folder cannot be written to", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "file");
  writeFileSync(file, "");

  expect(await runToEnd(["--folder", file, "--hub", "alerts"])).toEqual({
    code: 1,
    output: `The folder ${file} cannot be written to; choose another with --folder.`,
  });
});

test("ends with one sentence when the file of events is damaged", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "events.db");
  writeFileSync(file, "This is not a database. ".repeat(1_000));

  expect(await runToEnd(["--folder", folder.path, "--hub", "alerts"])).toEqual({
    code: 1,
    output: `The file ${file} is damaged; put back a copy, or delete it to start without events.`,
  });
});

test.each([
  [["--prot", "1"], "Unknown option '--prot'; --help shows the options."],
  [["--hub", "alerts"], "Say where events are kept with --folder DIR."],
  [["--folder", "unused"], "Name at least one event hub, for example --hub alerts."],
  [["--folder", "unused", "--hub", "alerts", "--port", "x"], "--port x is not a whole number from 0 to 65535."],
  [
    ["--folder", "unused", "--hub", "alerts:none"],
    'The event hub "alerts" cannot have NaN partitions; it can have 1 to 32.',
  ],
])("explains what is wrong with %j", async (args, output) => {
  expect(await runToEnd(args)).toEqual({ code: 1, output });
});

test("shows its options when asked", async () => {
  const { code, output } = await runToEnd(["--help"]);
  expect(code).toBe(0);
  expect(output).toMatch(/^Usage: node local\/event-hubs\/main\.ts/);
});

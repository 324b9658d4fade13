import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { expect, test, vi } from "vitest";
import { startAzurite } from "../../local/azurite.ts";

const moduleUrl = new URL("../../local/azurite.ts", import.meta.url).href;

test("serves blobs and tables on free ports", async () => {
  const azurite = await startAzurite();
  try {
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient("evidence");
    await container.create();
    await container.getBlockBlobClient("package.zip").upload("bytes", 5);
    const table = TableClient.fromConnectionString(azurite.connectionString, "runs", { allowInsecureConnection: true });
    await table.createTable();
    await table.createEntity({ partitionKey: "tenant", rowKey: "run" });

    expect((await container.getBlockBlobClient("package.zip").downloadToBuffer()).toString()).toBe("bytes");
    expect(await table.getEntity("tenant", "run")).toMatchObject({ rowKey: "run" });
  } finally {
    await azurite.stop();
  }
});

test("keeps blobs and the account key over a restart when it has a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "azurite-"));
  const first = await startAzurite({ folder });
  const container = BlobServiceClient.fromConnectionString(first.connectionString).getContainerClient("evidence");
  await container.create();
  await first.stop();

  const port = Number(new URL(container.url).port);
  const second = await startAzurite({ folder, ports: { blob: port } });
  try {
    expect(await container.exists()).toBe(true);
  } finally {
    await second.stop();
    await rm(folder, { recursive: true });
  }
});

test("says which port is in use", async () => {
  const first = await startAzurite();
  const blob = Number(first.connectionString.match(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/)?.[1]);
  try {
    await expect(startAzurite({ ports: { blob } })).rejects.toThrow(`127.0.0.1:${blob}`);
  } finally {
    await first.stop();
  }
});

test("ends when the program that started it is killed", async () => {
  const program = `const { startAzurite } = await import(${JSON.stringify(moduleUrl)});
    console.log((await startAzurite()).connectionString);`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  const [connectionString] = await once(parent.stdout, "data");
  const address = String(connectionString).match(/BlobEndpoint=([^;]+)/)?.[1] ?? "";
  expect((await fetch(address)).status).toBeGreaterThan(0);

  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(fetch(address)).rejects.toThrow(), { timeout: 10_000, interval: 100 });
});

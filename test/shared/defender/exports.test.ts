import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { antivirusHealthCalls } from "../../../shared/defender/antivirus-health/calls.ts";
import { fileExportCalls, pagedExportCalls } from "../../../shared/defender/exports/calls.ts";
import { linesOfFile } from "../../../shared/defender/exports/file-lines.ts";
import { eq, instant } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(pagedExportCalls, fileExportCalls, antivirusHealthCalls);

/** The simulator's collection behind each export. */
const TABLES = {
  secureConfiguration: "secureConfigurations",
  softwareInventory: "softwareInventory",
  softwareWithoutProductCode: "softwareInventoryWithoutProductCode",
  softwareVulnerabilities: "softwareVulnerabilities",
  browserExtensions: "browserExtensions",
  certificates: "certificates",
  baselines: "baselineCompliance",
  hardwareAndFirmware: "hardwareFirmware",
  informationGathering: "gatheredInformation",
} as const;

const rowsNumbered = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ id: `r${number}`, deviceId: MACHINE_ID, osPlatform: "Windows11" }));

const { informationGathering: _, ...paged } = TABLES;

test.each(Object.entries(paged))("reads the export %s page by page", async (name, table) => {
  await using defender = await simulatedDefender();
  await defender.simulator.putRows(table, rowsNumbered(5));

  const rows = await allOf(defender.defender.exports.rows(name as keyof typeof paged, { pageSize: 2 }));
  expect(rows).toEqual(rowsNumbered(5));
  expect(await defender.simulator.journal({ path: "/api/machines/*" })).toHaveLength(3);
});

test.each(Object.entries(TABLES))("reads the export %s from its files", async (name, table) => {
  await using defender = await simulatedDefender();
  await defender.simulator.putRows(table, [...rowsNumbered(3), { deviceId: 5 }]);

  expect(await allOf(defender.defender.exports.fileRows(name as keyof typeof TABLES))).toEqual(rowsNumbered(3));
});

test("reads every file of an export that has several, and sends none of them a token", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.putRows("softwareInventory", rowsNumbered(10_001));

  expect(await allOf(defender.defender.exports.fileRows("softwareInventory"))).toHaveLength(10_001);
  const { exportFiles } = await defender.defender.exports.files("softwareInventory", { sasValidHours: 6 });
  expect(exportFiles).toHaveLength(2);
});

test("reads what changed about vulnerabilities, once for each device group", async () => {
  await using defender = await simulatedDefender();
  const eventTimestamp = new Date().toISOString().replace("T", " ").replace("Z", "");
  await defender.simulator.putRows("softwareVulnerabilityChanges", [
    { id: "v1", rbacGroupId: 1, status: "Fixed", eventTimestamp },
    { id: "v1", rbacGroupId: 2, status: "New", eventTimestamp },
  ]);
  const since = instant(new Date(Date.now() - 3_600_000).toISOString());

  const rows = await allOf(defender.defender.exports.vulnerabilityChanges(since, { pageSize: 1 }));
  expect(rows.map(({ status }) => status)).toEqual(["Fixed", "New"]);
});

test("reads how Defender Antivirus does, in its own words", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.putRows("deviceAvInfo", [
    { id: "a1", machineId: MACHINE_ID, avMode: "0", avIsSignatureUpToDate: "True", rbacGroupId: 4415 },
    { id: "a2", machineId: MACHINE_ID.replaceAll("1", "2"), avMode: "1", avIsSignatureUpToDate: "Unknown" },
  ]);

  const found = await allOf(defender.defender.antivirusHealth.list({ filter: eq("machineId", MACHINE_ID) }));
  expect(found).toMatchObject([{ avMode: "0", avIsSignatureUpToDate: "True" }]);
  expect(await allOf(defender.defender.antivirusHealth.list())).toHaveLength(2);
});

describe("a file of an export", () => {
  /** Storage that hands out one file, and what it was asked with. */
  async function storage(status: number, body: Buffer, headers: Record<string, string> = {}) {
    const authorizations: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return {
      authorizations,
      lines: (most = Number.POSITIVE_INFINITY) =>
        linesOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/f?sig=secret`, most),
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  async function linesOf(link: string, most: number): Promise<unknown[]> {
    const lines: unknown[] = [];
    for await (const line of linesOfFile(link)) {
      lines.push(line);
      if (lines.length === most) break;
    }
    return lines;
  }

  const text = '{"deviceId":"ä1"}\n{"deviceId":"d2","n":9007199254740993}\n\n';

  test("is asked for without a token, unpacked and read line by line, numbers exact", async () => {
    await using file = await storage(200, gzipSync(text));

    expect(await file.lines()).toEqual([{ deviceId: "ä1" }, { deviceId: "d2", n: "9007199254740993" }]);
    expect(file.authorizations).toEqual([undefined]);
  });

  test("is read the same when storage declares the packing as the transfer's", async () => {
    await using file = await storage(200, gzipSync(text), { "content-encoding": "gzip" });

    expect(await file.lines()).toHaveLength(2);
  });

  test("that ends too early is never taken for a whole one", async () => {
    await using file = await storage(200, gzipSync(text.repeat(1000)).subarray(0, -20));

    await expect(file.lines()).rejects.toThrow("A file of the export could not be read");
  });

  test("need not be read to its end", async () => {
    await using file = await storage(200, gzipSync(text.repeat(1000)));

    expect(await file.lines(1)).toHaveLength(1);
  });

  test("that storage refuses is reported without its link, which is a key", async () => {
    await using file = await storage(403, Buffer.from("<Error/>"));

    const error = await file.lines().catch((thrown: Error) => thrown);
    expect(String(error)).toBe("Error: A file of the export could not be read");
    expect(String((error as Error).cause)).toBe("Error: Storage answered 403");
  });

  test("with a line that never ends is not read into memory", async () => {
    await using file = await storage(200, gzipSync("x".repeat(3 * 1024 * 1024)));

    await expect(file.lines()).rejects.toThrow("could not be read");
  });
});

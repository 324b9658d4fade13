import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { evidenceCommand } from "../../../local/evidence/evidence-command.ts";
import { aDownload, aPiece, evidenceIn, PIECE_NAME } from "../../helpers/evidence.ts";

const folder = mkdtempSync(join(tmpdir(), "evidence-command-"));
let azurite: Azurite;
let containers = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
  rmSync(folder, { recursive: true });
});

/** Evidence with one piece, and the command line in front of it. */
async function evidence() {
  const made = evidenceIn(azurite.connectionString, `c${++containers}`);
  const origin = { machineName: "fin-\u001b[31mlaptop\r\nkept without end" };
  await made.store.store(aPiece({ origin }), aDownload([Buffer.from("the package")]));
  const tell = async (...args: string[]) => {
    const lines: string[] = [];
    const isWell = await evidenceCommand(args, async () => made.locker, { log: (line) => void lines.push(line) });
    return { code: isWell ? 0 : 1, out: stripVTControlCharacters(lines.join("\n")), raw: lines.join("\n") };
  };
  return { ...made, tell };
}

const eventsOf = (out: string) =>
  (JSON.parse(out) as { custody: { event: string; by: string; reason?: string }[] }).custody.map(
    ({ event, by, reason = "" }) => `${event} by ${by} ${reason}`.trim(),
  );

test("lists what there is as a table with whole names, and as JSON, one piece a line", async () => {
  const { tell } = await evidence();

  const { code, out } = await tell("list");
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${PIECE_NAME} +\\d{4}-.*  11 +kept until 2026-02-04$`, "m"));
  expect(JSON.parse((await tell("list", "--json")).out)).toMatchObject({ name: PIECE_NAME, isHeld: false });
  expect((await tell("list", "--machine", "0".repeat(40))).out).toBe("There is no evidence.");
});

test("shows what devices wrote without letting it steer the terminal", async () => {
  const { tell } = await evidence();
  for (const command of [["list"], ["show", PIECE_NAME]]) {
    const { raw } = await tell(...command);
    expect(raw).not.toContain("\u001b[31m");
    expect(raw).not.toContain("\r");
  }
});

test("holds with reason and name, lets go, and shows the chain of custody", async () => {
  const { tell } = await evidence();
  await expect(tell("hold", PIECE_NAME)).rejects.toThrow("Say with --reason why");

  await tell("hold", PIECE_NAME, "--reason", "case 42", "--by", "ana");
  expect((await tell("list")).out).toContain("on legal hold");
  await tell("unhold", PIECE_NAME, "--reason", "case closed", "--by", "ben");
  const { out } = await tell("show", PIECE_NAME, "--json");
  expect(eventsOf(out)).toEqual(["stored by app 1234", "held by ana case 42", "unheld by ben case closed"]);
});

test("verifies, and ends with 1 for a pipeline when one of them differs", async () => {
  const { tell, pieceBlob } = await evidence();
  expect(await tell("verify", PIECE_NAME)).toMatchObject({ code: 0, out: `same  ${PIECE_NAME}` });

  await pieceBlob(PIECE_NAME).upload("forged", 6, { metadata: { sha256: "0" } });
  const { code, out } = await tell("verify", "--all", "--by", "ana");
  expect(code).toBe(1);
  expect(out).toContain(`differs  ${PIECE_NAME}`);
  await expect(tell("verify")).rejects.toThrow("Name the evidence to verify, or give --all.");
});

test("purges only what is past its retention, and says before what it would remove", async () => {
  const { tell, clock } = await evidence();
  expect((await tell("purge")).out).toBe("Nothing is past its retention.");

  clock.now = new Date("2026-03-01T00:00:00Z");
  expect((await tell("purge", "--dry-run")).out).toContain(`due  ${PIECE_NAME}`);
  expect((await tell("purge", "--by", "ana")).out).toContain(`purged  ${PIECE_NAME}`);
  expect((await tell("list")).out).toContain("purged 2026-03-01");
  expect(await tell("verify", "--all")).toMatchObject({ code: 0, out: "" });
});

test("writes a piece to a new file, and leaves none behind when it is not what was stored", async () => {
  const { tell, pieceBlob } = await evidence();
  const file = join(folder, "package.zip");
  const get = (to: string) => tell("get", PIECE_NAME, "--to", to, "--reason", "analysis", "--by", "ana");

  await get(file);
  expect(readFileSync(file, "utf8")).toBe("the package");
  await expect(get(file)).rejects.toThrow(/EEXIST/);
  expect(eventsOf((await tell("show", PIECE_NAME, "--json")).out)).toEqual([
    "stored by app 1234",
    "read by ana analysis",
  ]);

  await pieceBlob(PIECE_NAME).upload("forged", 6);
  const other = join(folder, "forged.zip");
  await expect(get(other)).rejects.toThrow("is not what was stored");
  expect(existsSync(other)).toBe(false);
});

test("says what to do with a command or a name that there is not", async () => {
  const { tell } = await evidence();
  await expect(tell("delete")).rejects.toThrow("There is no command delete; --help lists them.");
  await expect(tell("show", "no/such")).rejects.toThrow("There is no evidence no/such; list shows what there is.");
});

test("as a program finds the storage of the app by its settings", async () => {
  writeFileSync(join(folder, "local.settings.json"), JSON.stringify({ IsEncrypted: false, Values: {} }));
  const env = {
    ...process.env,
    ...{ APP_URL: "http://127.0.0.1:1", APP_KEY: "key", AzureWebJobsStorage: azurite.connectionString },
  };
  const program = join(import.meta.dirname, "../../../local/evidence/main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, "list"], { cwd: folder, env });
  expect(stdout).toBe("There is no evidence.\n");
});

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { collectLiveResponseFile } from "../../functions/activities/collect-live-response-file.ts";
import { readScriptTranscript } from "../../functions/activities/read-script-transcript.ts";
import { runLiveResponseScript } from "../../functions/activities/run-live-response-script.ts";
import { storeLiveResponseResult } from "../../functions/activities/store-live-response-result.ts";
import { LibraryFileName } from "../../shared/defender/library-files/library-file.ts";
import type { EvidenceStore } from "../../shared/evidence/evidence-store.ts";
import type { Piece, StoredEvidence } from "../../shared/evidence/piece.ts";
import type { Activity } from "../../shared/playbook.ts";
import type { Services } from "../../shared/services.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const about = { machineId: MACHINE_ID, comment: "For alert da1" };
const script = { ...about, scriptName: "minidump.ps1", args: "lsass" };
const file = { ...about, path: "C:\\Windows\\Temp\\dump.zip" };
const sessions = { method: "POST", path: "/api/machines/*/runliveresponse" };
const links = { method: "GET", path: "/api/machineactions/*/GetLiveResponseResultDownloadLink*" };
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

const idOf = (action: unknown) => (action as { id: string }).id;

async function withScripts(settings: object = {}) {
  const defender = await simulatedDefender(settings);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  for (const name of ["minidump.ps1", "other.ps1"]) {
    const content = new TextEncoder().encode("exit 0");
    await defender.defender.libraryFiles.upload({ fileName: LibraryFileName.parse(name), content });
  }
  return defender;
}

const asking: [activity: Activity, input: object, other: object][] = [
  [runLiveResponseScript, script, { ...script, scriptName: "other.ps1" }],
  [collectLiveResponseFile, file, { ...file, path: "C:\\other.txt" }],
];

describe.each(asking.map(([activity, ...rest]) => [activity.name, activity, ...rest] as const))(
  "%s",
  (_, activity, input, other) => {
    test("asks with the run in the comment, and adopts its own session when the step runs again", async () => {
      await using defender = await withScripts(atOnce);
      const first = await defender.perform(activity, input);

      expect(idOf(await defender.perform(activity, input))).toBe(idOf(first));
      expect(await defender.simulator.journal(sessions)).toMatchObject([
        { status: 201, body: { Comment: "[run-1] For alert da1" } },
      ]);
    });

    test("adopts its own session when the answer to the request was lost", async () => {
      await using defender = await withScripts(atOnce);
      await defender.simulator.fault({ ...sessions, effect: "drop", performed: true });

      await expect(defender.perform(activity, input)).rejects.toThrow(/got no response/);
      await defender.perform(activity, input);
      expect(await defender.simulator.journal(sessions)).toHaveLength(1);
    });

    test("asks for each thing it is to do, and waits for a session that does another", async () => {
      await using defender = await withScripts();
      await defender.simulator.setOffline(MACHINE_ID);
      const first = await defender.perform(activity, input);
      await expect(defender.perform(activity, other)).rejects.toThrow("Defender is busy with a live response session");

      await defender.simulator.setOffline(MACHINE_ID, false);
      await defender.simulator.advanceClock(60_000);
      const second = await defender.perform(activity, other);
      expect(idOf(second)).not.toBe(idOf(first));
    });

    test("gives up at once where live response is switched off", async () => {
      await using defender = await withScripts({ liveResponse: "off" });

      await expect(defender.perform(activity, input)).rejects.toMatchObject({ code: "DisabledFeature" });
    });
  },
);

test("a script is not run on a critical asset; a file may be fetched from it", async () => {
  await using defender = await withScripts();
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["Critical-Asset"] });

  await expect(defender.perform(runLiveResponseScript, script)).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(await defender.perform(collectLiveResponseFile, file)).toMatchObject({ type: "LiveResponse" });
});

test("what a script said is read as one line each, without what a terminal would obey", async () => {
  await using defender = await withScripts(atOnce);
  const said = { exitCode: 3, output: "first\r\nsecond\u001b[31m", errors: "\u0007" };
  const liveResponse = { scripts: { "minidump.ps1": said } };
  await defender.simulator.addMachine({ id: MACHINE_ID, liveResponse });
  const machineActionId = idOf(await defender.perform(runLiveResponseScript, script));

  expect(await defender.perform(readScriptTranscript, { machineActionId })).toEqual({
    exitCode: "3",
    output: "first second [31m",
    errors: "",
  });
});

/** An evidence store in memory. */
function evidenceInMemory() {
  const contents = new Map<string, Buffer>();
  const kept: Piece[] = [];
  const describe = (name: string, content: Buffer): StoredEvidence => ({
    container: "evidence",
    name,
    bytes: content.byteLength,
    sha256: createHash("sha256").update(content).digest("hex"),
  });
  const evidence: EvidenceStore = {
    limit: { atMostBytes: 1_000_000, advice: "" },
    async find(name) {
      const content = contents.get(name);
      return content && describe(name, content);
    },
    async store(piece, pieces) {
      const { name } = piece;
      kept.push(piece);
      const all: Uint8Array[] = [];
      for await (const piece of pieces) all.push(piece);
      contents.set(name, Buffer.concat(all));
      return describe(name, Buffer.concat(all));
    },
  };
  return { ...evidence, kept };
}

describe("a result", () => {
  test("is kept as Defender hands it out, and not downloaded again when the step runs again", async () => {
    await using defender = await withScripts(atOnce);
    const evidence = evidenceInMemory();
    const services = { defender: defender.defender, evidence } as unknown as Services;
    const action = await defender.perform(collectLiveResponseFile, file);
    const about = { machineId: MACHINE_ID, machineActionId: idOf(action), origin: { path: file.path } };
    const input = storeLiveResponseResult.input.parse(about);

    const stored = await storeLiveResponseResult.perform(input, services, { runId: "run-1" });
    expect(stored).toMatchObject({
      name: `${MACHINE_ID}/${idOf(action)}-0`,
      sha256: expect.stringMatching(/^\w{64}$/),
    });
    expect(await storeLiveResponseResult.perform(input, services, { runId: "run-1" })).toEqual(stored);
    expect(await defender.simulator.journal(links)).toHaveLength(1);
    expect(evidence.kept).toMatchObject([{ ...about, kind: "live-response-result", commandIndex: 0, runId: "run-1" }]);
  });

  test("is refused while the session goes on", async () => {
    await using defender = await withScripts();
    await defender.simulator.setOffline(MACHINE_ID);
    const services = { defender: defender.defender, evidence: evidenceInMemory() } as unknown as Services;
    const action = await defender.perform(collectLiveResponseFile, file);
    const input = storeLiveResponseResult.input.parse({ machineId: MACHINE_ID, machineActionId: idOf(action) });

    await expect(storeLiveResponseResult.perform(input, services, { runId: "run-1" })).rejects.toMatchObject({
      name: "DefenderNotFoundError",
    });
  });
});

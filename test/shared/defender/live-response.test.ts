import { describe, expect, test } from "vitest";
import { LibraryFileName } from "../../../shared/defender/library-files/library-file.ts";
import { liveResponseCalls } from "../../../shared/defender/live-response/calls.ts";
import { hasCommands, type LiveResponseCommand } from "../../../shared/defender/live-response/command.ts";
import { MachineAction, type MachineActionId } from "../../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { ISOLATION_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(liveResponseCalls);

const machineId = MachineId.parse(MACHINE_ID);
const comment = "Because of alert da1";
const scriptName = LibraryFileName.parse("minidump.ps1");
const sessions = { method: "POST", path: "/api/machines/*/runliveresponse" };
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

const script: LiveResponseCommand = { type: "RunScript", scriptName, args: "OfficeClickToRun" };
const file: LiveResponseCommand = { type: "GetFile", path: "C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip" };

/** A machine that can be reached, and the script in the library. */
async function withScript(settings: object = {}) {
  const defender = await simulatedDefender(settings);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.defender.libraryFiles.upload({ fileName: scriptName, content: new TextEncoder().encode("exit 0") });
  return defender;
}

test("sends the commands as the page spells them, and gives back the machine action with their state", async () => {
  await using defender = await withScript();
  const { liveResponse } = defender.defender;
  const put: LiveResponseCommand = { type: "PutFile", fileName: scriptName };
  const action = await liveResponse.run(machineId, { commands: [put, script, file], comment });

  expect(action).toMatchObject({ type: "LiveResponse", status: "Pending", requestorComment: comment });
  expect(await defender.simulator.journal(sessions)).toMatchObject([
    {
      status: 201,
      body: {
        Comment: comment,
        Commands: [
          { type: "PutFile", params: [{ key: "FileName", value: "minidump.ps1" }] },
          {
            type: "RunScript",
            params: [
              { key: "ScriptName", value: "minidump.ps1" },
              { key: "Args", value: "OfficeClickToRun" },
            ],
          },
          { type: "GetFile", params: [{ key: "Path", value: "C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip" }] },
        ],
      },
    },
  ]);
  expect(hasCommands(action, [put, script, file])).toBe(true);
  expect(hasCommands(action, [script, file])).toBe(false);
});

test("refuses commands in another order than Defender's, and none at all, before anything is sent", async () => {
  await using defender = await withScript();
  for (const commands of [[file, script], [script, { type: "PutFile", fileName: scriptName } as const], []]) {
    await expect(defender.defender.liveResponse.run(machineId, { commands, comment })).rejects.toMatchObject({
      code: "InvalidCommands",
    });
  }
  expect(await defender.simulator.journal(sessions)).toEqual([]);
});

test("reads what the script said, and gets the file, once the session has ended", async () => {
  await using defender = await withScript(atOnce);
  const { liveResponse, machineActions } = defender.defender;
  const { id } = await liveResponse.run(machineId, { commands: [script, file], comment });
  expect(await machineActions.get(id)).toMatchObject({ status: "Succeeded" });

  expect(await liveResponse.transcript(id, 0)).toMatchObject({ script_name: "minidump.ps1", exit_code: 0 });
  let bytes = 0;
  for await (const piece of liveResponse.result(id, 1, { atMostBytes: 1_000 })) bytes += piece.byteLength;
  expect(bytes).toBeGreaterThan(0);
});

test("has no result while the session goes on, and none of an unknown one", async () => {
  await using defender = await withScript();
  const { liveResponse } = defender.defender;
  await defender.simulator.setOffline(MACHINE_ID);
  const { id } = await liveResponse.run(machineId, { commands: [script], comment });

  await expect(liveResponse.resultLink(id, 0)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
  await expect(liveResponse.resultLink(ISOLATION_ID as MachineActionId, 0)).rejects.toMatchObject({
    name: "DefenderNotFoundError",
  });
});

describe("is refused", () => {
  const run = (defender: Awaited<ReturnType<typeof simulatedDefender>>) =>
    defender.defender.liveResponse.run(machineId, { commands: [script], comment });

  test("on an unknown machine", async () => {
    await using defender = await simulatedDefender();
    await expect(run(defender)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
  });

  test("while another session of the machine goes on", async () => {
    await using defender = await withScript();
    await defender.simulator.setOffline(MACHINE_ID);
    await run(defender);
    await expect(run(defender)).rejects.toMatchObject({ name: "DefenderConflictError" });
  });

  test.each([
    [400, "OsPlatformNotSupported", "DefenderRefusedError"],
    [403, "DisabledFeature", "DefenderRefusedError"],
    [403, "DisallowedOperation", "DefenderRefusedError"],
    [429, "TooManyRequests", "DefenderThrottledError"],
  ])("with %s %s", async (status, code, name) => {
    await using defender = await withScript();
    await defender.simulator.fault({ ...sessions, effect: "answer", status, code });
    await expect(run(defender)).rejects.toMatchObject({ name, call: { status, code } });
  });
});

describe("a session is known by its commands", () => {
  const session = (commands: object[]) =>
    MachineAction.parse({ id: ISOLATION_ID, commands: commands.map((command, index) => ({ index, command })) });

  test("whatever the order of their parameters, and whether an empty argument is printed", () => {
    const params = [
      { key: "Args", value: "" },
      { key: "ScriptName", value: "minidump.ps1" },
    ];
    const printed = session([{ type: "RunScript", params }]);
    expect(hasCommands(printed, [{ type: "RunScript", scriptName }])).toBe(true);
    expect(hasCommands(printed, [script])).toBe(false);
  });

  test("and not where Defender does not say which it has", () => {
    expect(hasCommands(session([]), [script])).toBe(false);
    expect(hasCommands(MachineAction.parse({ id: ISOLATION_ID }), [script])).toBe(false);
  });
});

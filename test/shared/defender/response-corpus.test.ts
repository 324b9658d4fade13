import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Investigation } from "../../../shared/defender/investigations/investigation.ts";
import { LibraryFile } from "../../../shared/defender/library-files/library-file.ts";
import { addressOf, Link } from "../../../shared/defender/machine-actions/link.ts";
import { MachineAction } from "../../../shared/defender/machine-actions/machine-action.ts";
import { parseExactJson } from "../../../shared/exact-json.ts";
import { ISOLATION_ID } from "../../helpers/builders.ts";

/** Payloads printed in Microsoft's documentation, kept beside the project and not part of it. */
const fixtures = new URL("../../../../shared/fixtures/defender/", import.meta.url);
// Some samples print a placeholder where the service has an id.
const fixture = (name: string) =>
  parseExactJson(readFileSync(new URL(name, fixtures), "utf8").replace("{machine_action_id}", ISOLATION_ID)) as {
    value: unknown[];
  };

describe.runIf(existsSync(fixtures))("what Microsoft prints comes back as it was", () => {
  test.each(["machineaction.entity.json", "machineaction.get.response.json", "runliveresponse.response.json"])(
    "a machine action: %s",
    (name) => expect(MachineAction.parse(fixture(name))).toEqual(fixture(name)),
  );

  test("a list of machine actions, with a field under its old name", () => {
    const { value } = fixture("machineactions.list.response.json");
    expect(value.map((row) => MachineAction.parse(row))).toEqual(value);
  });

  test("library files", () => {
    const { value } = fixture("libraryfiles.list.response.json");
    expect(value.map((row) => LibraryFile.parse(row))).toEqual(value);
  });

  test("an investigation", () => {
    const given = fixture("investigation.entity.json");
    expect(Investigation.parse(given)).toEqual(given);
  });

  test("a link to a result, which is an address as it is", () => {
    const given = Link.parse(fixture("liveresponse.result-link.response.json"));
    expect(addressOf(given)).toBe(given.value);
  });
});

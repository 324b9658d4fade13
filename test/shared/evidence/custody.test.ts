import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { type CustodyEntry, emptyRecord, lineOf, readRecord } from "../../../shared/evidence/custody-record.ts";
import { evidenceIn } from "../../helpers/evidence.ts";

const at = "2026-01-05T09:00:00.000Z";
const held = (reason: string): CustodyEntry => ({ event: "held", at, by: "ana", reason });

/** A record with these entries, as it is written. */
function written(...entries: CustodyEntry[]): string[] {
  const lines: string[] = [];
  for (const entry of entries) lines.push(lineOf(entry, readRecord(lines.join("")).head));
  return lines;
}

describe("a record", () => {
  const lines = written(held("first"), held("second"), held("third"));

  test("reads as it was written", () => {
    const { entries, problems } = readRecord(lines.join(""));
    expect(entries).toEqual([held("first"), held("second"), held("third")]);
    expect(problems).toEqual([]);
  });

  test("can be checked by hand: the hash is that of the line before it", () => {
    const [, text = "", hash] = /^(.*),"hash":"(\w+)"\}\n$/.exec(lines[1] ?? "") ?? [];
    expect(createHash("sha256").update(`${text}}`).digest("hex")).toBe(hash);
    expect(lines[2]).toContain(`"previous":"${hash}"`);
    expect(lines[0]).toContain(`"previous":"${emptyRecord().head}"`);
  });

  test.each<[string, (string | undefined)[], string[]]>([
    [
      "an entry was changed",
      [lines[0], lines[1]?.replace("ana", "eve"), lines[2]],
      ["Entry 2 of the custody record was changed after it was written."],
    ],
    [
      "an entry was taken out",
      [lines[0], lines[2]],
      ["Entry 2 of the custody record does not follow the one before it."],
    ],
    [
      "the first entries were taken out",
      [lines[2]],
      ["Entry 1 of the custody record does not follow the one before it."],
    ],
    [
      "an entry was replaced by another that is right by itself",
      [lines[0], written(held("first"), held("forged"))[1], lines[2]],
      ["Entry 3 of the custody record does not follow the one before it."],
    ],
    [
      "something else was written into it",
      [lines[0], "not an entry\n", lines[1]],
      [
        "Entry 2 of the custody record cannot be read.",
        "Entry 3 of the custody record does not follow the one before it.",
      ],
    ],
  ])("shows that %s", (_, changed, problems) => {
    expect(readRecord(changed.join("")).problems).toEqual(problems);
  });
});

describe("the log", () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  test("keeps one unbroken chain when several write at the same moment", async () => {
    const { custody } = evidenceIn(azurite.connectionString, "at-once");
    const reasons = ["a", "b", "c", "d", "e"];
    await Promise.all(reasons.map((reason) => custody.append("piece", () => held(reason))));

    const record = await custody.read("piece");
    expect(record?.problems).toEqual([]);
    expect(record?.entries.map((entry) => "reason" in entry && entry.reason).sort()).toEqual(reasons);
  });

  test("asks again whether an entry is due when somebody else was first", async () => {
    const { custody } = evidenceIn(azurite.connectionString, "decides");
    const once = () =>
      custody.append("piece", ({ entries }) => (entries.length === 0 ? held("the only one") : undefined));
    await Promise.all([once(), once(), once()]);

    expect((await custody.read("piece"))?.entries).toEqual([held("the only one")]);
  });

  test("has no record of what was never written about", async () => {
    const { custody } = evidenceIn(azurite.connectionString, "none");
    expect(await custody.read("piece")).toBeUndefined();
    expect(await custody.names()).toEqual([]);
  });
});

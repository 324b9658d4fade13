import { describe, expect, test } from "vitest";
import { readAdditionalFields } from "../../../shared/streaming/additional-fields.ts";

const HOST = { $id: "3", HostName: "fin-laptop-07" };

describe("AdditionalFields", () => {
  test.each<[form: string, value: unknown]>([
    ["JSON text", JSON.stringify({ Host: HOST })],
    ["an object", { Host: HOST }],
  ])("is read as %s", (_, value) => {
    expect(readAdditionalFields(value).at("Host", "HostName")).toBe("fin-laptop-07");
  });

  test.each([null, undefined, "", "{", "no JSON", "[", 7, true, "[".repeat(300)])(
    "counts as empty when it is %j",
    (value) => {
      expect(readAdditionalFields(value).at("Host")).toBeUndefined();
    },
  );

  test("keeps large integers exact", () => {
    expect(readAdditionalFields('{"Id":18446744073709551615}').at("Id")).toBe("18446744073709551615");
  });
});

describe("a reference", () => {
  test("is followed by its id, though ids have gaps and the first may be missing", () => {
    const fields = readAdditionalFields({ ImageFile: { $id: "2", Host: HOST }, Host: { $ref: "3" } });
    expect(fields.at("Host")).toEqual(HOST);
    expect(fields.at("Host", "HostName")).toBe("fin-laptop-07");
  });

  test("may come before what it refers to, and point to another reference", () => {
    const fields = readAdditionalFields({
      Host: { $ref: "5" },
      Account: { $id: "5", $ref: "3" },
      ImageFile: { Host: HOST },
    });
    expect(fields.at("Host", "HostName")).toBe("fin-laptop-07");
  });

  test("may be a number", () => {
    expect(readAdditionalFields({ A: { $ref: 3 }, B: { $id: 3, C: 1 } }).at("A", "C")).toBe(1);
  });

  test("to nothing is nothing", () => {
    expect(readAdditionalFields({ Host: { $ref: "9" } }).at("Host", "HostName")).toBeUndefined();
  });

  test("to the first of two with the same id", () => {
    expect(readAdditionalFields({ A: { $id: "1", N: 1 }, B: { $id: "1", N: 2 }, C: { $ref: "1" } }).at("C", "N")).toBe(
      1,
    );
  });

  test("to itself, or around in a circle, is nothing", () => {
    const fields = readAdditionalFields({
      A: { $id: "1", $ref: "1" },
      B: { $id: "2", $ref: "3" },
      C: { $id: "3", $ref: "2" },
    });
    expect([fields.at("A"), fields.at("B", "x"), fields.at("C")]).toEqual([undefined, undefined, undefined]);
  });

  test("to what surrounds it has no end, and does no harm", () => {
    const fields = readAdditionalFields({ $id: "1", Name: "outer", Inner: { $ref: "1" } });
    expect(fields.at("Inner", "Inner", "Inner", "Inner", "Name")).toBe("outer");
  });

  test("in an object that really contains itself does no harm either", () => {
    const outer: Record<string, unknown> = { A: { $ref: "1" } };
    outer.Inner = outer;
    expect(readAdditionalFields(outer).at("A")).toBeUndefined();
  });

  test("to what every object inherits is nothing", () => {
    const fields = readAdditionalFields({ Host: { $ref: "constructor" } });
    expect([fields.at("Host", "name"), fields.at("constructor"), fields.at("__proto__", "toString")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

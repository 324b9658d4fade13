import { expect, test } from "vitest";
import { parseExactJson } from "../../shared/exact-json.ts";

test.each<[text: string, value: unknown]>([
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", "9007199254740992"],
  ["-9007199254740993", "-9007199254740993"],
  ["[ 639088321155105131]", ["639088321155105131"]],
  ['{"a":\t-18446744073709551615}', { a: "-18446744073709551615" }],
  ["[1,639088321155105131,2]", [1, "639088321155105131", 2]],
  ["[0.1, -0.5, 1e3, 1E-7, 2.5e+2]", [0.1, -0.5, 1000, 1e-7, 250]],
  ["[1e999]", ["1e999"]],
  ["[-1.5E999]", ["-1.5E999"]],
  ['{"a":"x: 639088321155105131"}', { a: "x: 639088321155105131" }],
  ['"\\u0041\\n\\ud83d\\ude80"', "A\n🚀"],
  ['{"a":1,"a":2}', { a: 2 }],
  ['{"a":1,"a":639088321155105131}', { a: "639088321155105131" }],
  [" \r\n\t[true,false,null]\n", [true, false, null]],
])("%s is read exactly", (text, value) => {
  expect(parseExactJson(text)).toEqual(value);
});

test.each(["639088321155105131", "1"])("a key __proto__ beside %s is a key like any other", (number) => {
  const object = parseExactJson(`{"__proto__":{"admin":true},"n":${number}}`) as object;
  expect(Object.hasOwn(object, "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
});

test.each([
  ["", "is empty"],
  ["[1,", "is cut off"],
  ['{"a":"b', "is cut off"],
  ['{"a":639088321155105131', "is cut off"],
  ["[1,]", "is not JSON"],
  ["{a:1}", "is not JSON"],
  ["[01]", "is not JSON"],
  ["[NaN]", "is not JSON"],
  ['["\n"]', "is not JSON"],
  ["[".repeat(257), "is nested deeper than 256 levels"],
])("%j %s", (text, message) => {
  expect(() => parseExactJson(text)).toThrow(message);
});

test("256 levels are not too deep", () => {
  expect(() => parseExactJson(`${"[".repeat(256)}${"]".repeat(256)}`)).not.toThrow();
});

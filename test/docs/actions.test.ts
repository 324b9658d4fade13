import { expect, test } from "vitest";
import { describeActions, writtenActions } from "../../docs/generate-actions.ts";

test("docs/actions.md tells what the code declares", () => {
  expect(writtenActions(), "the declarations have changed: run `npm run docs`").toBe(describeActions());
});

test("no activity or field is left without a word about it", () => {
  expect(describeActions()).not.toMatch(/undefined|\[object|\| anything \|/);
});

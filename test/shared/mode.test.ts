import { expect, test } from "vitest";
import { modeUnder } from "../../shared/mode.ts";

test("what a run starts is never freer than the run itself", () => {
  expect(modeUnder("act")).toBeUndefined();
  expect(modeUnder("act", "shadow")).toBe("shadow");
  expect(modeUnder("shadow", "act")).toBe("shadow");
  expect(modeUnder("shadow")).toBe("shadow");
  expect(modeUnder("ask", "act")).toBe("ask");
  expect(modeUnder("ask", "shadow")).toBe("shadow");
});

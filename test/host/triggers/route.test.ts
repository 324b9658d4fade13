import { describe, expect, test } from "vitest";
import { byPrecedence, parseRoute } from "../../../local/host/triggers/http/route.ts";

describe("a route template", () => {
  test.each([
    ["machines/{id}", "/machines/m-1", { id: "m-1" }],
    ["machines/{id}", "/MACHINES/m-1/", { id: "m-1" }],
    ["machines/{id}", "/machines", undefined],
    ["machines/{id}", "/machines/m-1/actions", undefined],
    ["machines/{id?}", "/machines", {}],
    ["machines/{id=all}", "/machines", { id: "all" }],
    ["runs/{id:int}", "/runs/42", { id: "42" }],
    ["runs/{id:int}", "/runs/forty", undefined],
    ["runs/{id:int}", "/runs/3000000000", undefined],
    ["runs/{id:long}", "/runs/3000000000", { id: "3000000000" }],
    ["runs/{id:int:min(5)}", "/runs/4", undefined],
    ["runs/{id:range(1,9)?}", "/runs/9", { id: "9" }],
    ["runs/{id:guid}", "/runs/6f9619ff-8b86-d011-b42d-00c04fc964ff", { id: "6f9619ff-8b86-d011-b42d-00c04fc964ff" }],
    ["runs/{on:bool}", "/runs/True", { on: "True" }],
    ["runs/{at:datetime}", "/runs/2026-01-05", { at: "2026-01-05" }],
    ["names/{n:alpha:maxlength(3)}", "/names/abcd", undefined],
    ["names/{n:length(2,3)}", "/names/abc", { n: "abc" }],
    ["codes/{c:regex(^\\d{{3}}-\\d{{2}}$)}", "/codes/123-45", { c: "123-45" }],
    ["codes/{c:regex(^\\d{{3}}$)}", "/codes/12", undefined],
    ["files/{*path}", "/files/a/b%20c/d", { path: "a/b c/d" }],
    ["files/{*path}", "/files", {}],
    ["reports/{name}.{kind}", "/reports/june.pdf", { name: "june", kind: "pdf" }],
    ["machines/{id}", "/machines/a%2Fb", { id: "a/b" }],
    ["", "/", {}],
  ])("%s answers %s with %o", (template, path, values) => {
    expect(parseRoute(template).match(path)).toEqual(values);
  });

  test("is tried in the order of exactness", () => {
    const templates = ["{*rest}", "runs/{id}", "{kind}/{id}", "runs/{id:int}", "runs/open", "runs/r-{id}"];
    const ordered = templates.map((template) => ({ template, ...parseRoute(template) })).sort(byPrecedence);
    expect(ordered.map(({ template }) => template)).toEqual([
      "runs/open",
      "runs/r-{id}",
      "runs/{id:int}",
      "runs/{id}",
      "{kind}/{id}",
      "{*rest}",
    ]);
  });

  test.each(["runs/{id", "runs/{id:colour}", "runs/{}"])("%s is refused", (template) => {
    expect(() => parseRoute(template)).toThrow(/route/);
  });
});

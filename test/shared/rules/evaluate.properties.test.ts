import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../../shared/rules/evaluate.ts";
import { anyCondition, anySubject, completions } from "./rules.ts";

fc.configureGlobal({ seed: 20_260_105 });

const conditions = fc.array(anyCondition, { minLength: 1, maxLength: 4 });

test("not turns true and false around and leaves open what is open", () => {
  fc.assert(
    fc.property(anyCondition, anySubject, (condition, subject) => {
      const { holds } = evaluate(condition, subject);
      expect(evaluate({ not: condition }, subject).holds).toBe(holds === undefined ? undefined : !holds);
    }),
  );
});

test("all of some is none of them not, and any of some is not all of them not", () => {
  fc.assert(
    fc.property(conditions, anySubject, (some, subject) => {
      const opposite = some.map((condition) => ({ not: condition }));
      expect(evaluate({ all: some }, subject).holds).toBe(evaluate({ not: { any: opposite } }, subject).holds);
      expect(evaluate({ any: some }, subject).holds).toBe(evaluate({ not: { all: opposite } }, subject).holds);
    }),
  );
});

test("the order of conditions has no part in what holds and what is needed", () => {
  fc.assert(
    fc.property(conditions, anySubject, (some, subject) => {
      for (const kind of ["all", "any"]) {
        const [one, other] = [some, some.toReversed()].map((list) => evaluate({ [kind]: list }, subject));
        expect(one?.holds).toBe(other?.holds);
        expect(one?.needs.toSorted()).toEqual(other?.needs.toSorted());
      }
    }),
  );
});

test("what is decided of an alert that is partly known stays so, whatever the rest turns out to be", () => {
  fc.assert(
    fc.property(anyCondition, anySubject, (condition, subject) => {
      const { holds } = evaluate(condition, subject);
      fc.pre(holds !== undefined);
      for (const complete of completions(subject)) expect(evaluate(condition, complete).holds).toBe(holds);
    }),
  );
});

test("of an alert and a machine that are known all is decided, and what is open names what it needs", () => {
  fc.assert(
    fc.property(anyCondition, anySubject, (condition, subject) => {
      const { holds, needs, why } = evaluate(condition, subject);
      expect(needs.length > 0).toBe(holds === undefined);
      expect(why.length).toBeGreaterThan(0);
      for (const complete of completions(subject)) expect(evaluate(condition, complete).holds).toBeTypeOf("boolean");
    }),
  );
});

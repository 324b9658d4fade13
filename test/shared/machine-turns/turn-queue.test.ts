import { expect, test } from "vitest";
import { emptyQueue, enter, leave } from "../../../shared/machine-turns/turn-queue.ts";

const now = Date.parse("2026-01-05T09:00:00Z");
const until = now + 60_000;

test("lets one act at a time, in the order they asked", () => {
  const queue = emptyQueue();

  expect(enter(queue, { ticket: "isolate", now, until })).toBe(true);
  expect(enter(queue, { ticket: "release", now, until })).toBe(false);
  expect(enter(queue, { ticket: "isolate again", now, until })).toBe(false);
  leave(queue, "isolate");
  expect(enter(queue, { ticket: "isolate again", now, until })).toBe(false);
  expect(enter(queue, { ticket: "release", now, until })).toBe(true);
});

test("keeps a place however often it is asked for", () => {
  const queue = emptyQueue();
  for (const ticket of ["a", "a", "b", "a"]) enter(queue, { ticket, now, until });

  expect(queue.line.map(({ ticket }) => ticket)).toEqual(["a", "b"]);
});

test("passes over a run of which nothing was heard any more", () => {
  const queue = emptyQueue();
  enter(queue, { ticket: "ended by force", now, until });

  expect(enter(queue, { ticket: "b", now: until, until: until + 1 })).toBe(true);
});

test("keeps the turn of one that says it needs longer", () => {
  const queue = emptyQueue();
  enter(queue, { ticket: "waits for a limit", now, until });
  enter(queue, { ticket: "waits for a limit", now, until: until + 60_000 });

  expect(enter(queue, { ticket: "b", now: until, until: until + 1 })).toBe(false);
});

test("is empty once all have left, also those that only waited", () => {
  const queue = emptyQueue();
  enter(queue, { ticket: "a", now, until });
  enter(queue, { ticket: "b", now, until });
  leave(queue, "b");
  leave(queue, "a");

  expect(queue).toEqual(emptyQueue());
});

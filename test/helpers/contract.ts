import { afterAll, beforeAll, expect, vi } from "vitest";
import type { Call } from "../../shared/defender/call.ts";
import { defenderCalls } from "../../shared/defender/calls.ts";

/**
 * Makes a file of tests the contract for some resources, once a file: it fails unless its tests had Defender, here the
 * simulator, answer every one of their calls.
 */
export function contractFor(...resources: readonly Readonly<Record<string, Call>>[]): void {
  const answered = new Set<string>();

  beforeAll(() => {
    const send = globalThis.fetch;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const response = await send(input, init);
      const call = response.ok && callAt(init?.method ?? "GET", new URL(String(input)).pathname);
      if (call) answered.add(call.name);
      return response;
    });
  });

  afterAll(() => {
    vi.restoreAllMocks();
    const names = resources.flatMap((calls) => Object.values(calls).map(({ name }) => name));
    expect(names.filter((name) => !answered.has(name))).toEqual([]);
  });
}

/** The declared call a request is: of several that fit, the one that says most about its path. */
const callAt = (method: string, path: string): Call | undefined =>
  mostSaidFirst.find((call) => call.method === method && patternOf(call).test(path));

const saidBy = ({ path }: Call): number => path.replaceAll(/\{\w+\}/g, "").length;
const mostSaidFirst = [...defenderCalls].sort((one, other) => saidBy(other) - saidBy(one));

/** Ids stand encoded, so no slash is part of one. The simulator has Graph below a folder of its own. */
function patternOf({ service, path }: Call): RegExp {
  const pattern = path
    .split(/\{\w+\}/)
    .map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/]+");
  return new RegExp(`^${service === "graph" ? "/graph" : ""}${pattern}$`);
}

import { parseExactJson } from "../exact-json.ts";

/** The column AdditionalFields, which holds a tree of what else is known about one piece of evidence. */
export interface AdditionalFields {
  /**
   * The value at a path of keys, e.g. `at("ImageFile", "Host", "MachineId")`; undefined when there is none.
   *
   * An object that occurred before is written as a reference to it, `{"$ref": "3"}` for the one with `"$id": "3"`.
   * References are followed one step at a time and never expanded, so a circular one has no end but also no effect.
   */
  at(...path: readonly string[]): unknown;
}

/** Longer chains of references to references do not occur, unless they are circular. */
const MAX_HOPS = 16;

/**
 * Reads AdditionalFields in whichever form it comes: JSON text (alerts, devices), an object (identities, cloud), or null.
 * What cannot be read counts as empty, because the row's own columns are still good.
 */
export function readAdditionalFields(value: unknown): AdditionalFields {
  const tree = treeIn(value);
  let targets: Map<string, object> | undefined;

  const follow = (start: unknown): unknown => {
    let current = start;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const reference = scalarAt(current, "$ref");
      if (reference === undefined) return current;
      targets ??= targetsIn(tree);
      current = targets.get(reference);
    }
    return undefined;
  };

  return { at: (...path) => path.reduce((current: unknown, key) => follow(valueAt(current, key)), follow(tree)) };
}

/** The tree as such, with its references as they are; undefined when there is none or it cannot be read. */
export function treeIn(value: unknown): unknown {
  if (typeof value !== "string") return value ?? undefined;
  try {
    return parseExactJson(value);
  } catch {
    return undefined;
  }
}

/**
 * The objects that carry a `$id`, by that id; ids have gaps, so position says nothing. Walks without recursion and
 * visits nothing twice. If an id is given twice, the first one in the text has it.
 */
function targetsIn(tree: unknown): Map<string, object> {
  const targets = new Map<string, object>();
  const visited = new Set<object>();
  const waiting: unknown[] = [tree];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null || visited.has(value)) continue;
    visited.add(value);
    const id = scalarAt(value, "$id");
    if (id !== undefined && !targets.has(id)) targets.set(id, value);
    // The last one is taken first, hence the order.
    for (const child of Object.values(value).reverse()) waiting.push(child);
  }
  return targets;
}

function scalarAt(value: unknown, key: string): string | undefined {
  const scalar = valueAt(value, key);
  return typeof scalar === "string" || typeof scalar === "number" ? String(scalar) : undefined;
}

/** Own keys only: `constructor` and its like are not data. */
function valueAt(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

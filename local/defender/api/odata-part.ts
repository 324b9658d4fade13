export type Row = Record<string, unknown>;

/** A part of a filter: its test, and per property the values it leaves possible. A property it leaves open is missing. */
export interface Part {
  test: (row: Row) => boolean;
  possible: ReadonlyMap<string, ReadonlySet<string>>;
}

export const nothingKnown: Part["possible"] = new Map();

export function and(one: Part, other: Part): Part {
  // Where both know a property, either set will do: it only has to hold every value that can match.
  return {
    test: (row) => one.test(row) && other.test(row),
    possible: new Map([...one.possible, ...other.possible]),
  };
}

export function or(one: Part, other: Part): Part {
  const possible = new Map<string, ReadonlySet<string>>();
  for (const [property, values] of one.possible) {
    const others = other.possible.get(property);
    if (others) possible.set(property, new Set([...values, ...others]));
  }
  return { test: (row) => one.test(row) || other.test(row), possible };
}

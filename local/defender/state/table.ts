/** An entity as the API prints it. */
export type Row = Record<string, unknown>;

/** A collection of entities by key, in the order they were first put; finding some by a property costs no look at all. */
export interface Table<Entity extends Row = Row> {
  readonly size: number;
  /** The key that was added last, even if it is gone. */
  readonly newestKey: string | undefined;
  get(key: string): Entity | undefined;
  all(): Entity[];
  /** The entities with this value in a property, whatever its case. */
  where(property: keyof Entity & string, value: string): Entity[];
}

/** What may change a table. */
export interface WritableTable<Entity extends Row = Row> extends Table<Entity> {
  put(key: string, entity: Entity): void;
  delete(key: string): void;
  clear(): void;
  entries(): Iterable<[string, Entity]>;
}

/** An empty table. Keys and indexes do not mind case, as ids, hashes and names have none that matters. */
export function createTable<Entity extends Row>(): WritableTable<Entity> {
  const entities = new Map<string, Entity>();
  /** Per property that was ever asked for, and value: the keys. */
  const indexes = new Map<string, Map<string, Set<string>>>();
  let newestKey: string | undefined;

  function indexOf(property: string): Map<string, Set<string>> {
    const known = indexes.get(property);
    if (known) return known;
    const index = new Map<string, Set<string>>();
    indexes.set(property, index);
    for (const [key, entity] of entities) addTo(index, property, key, entity);
    return index;
  }

  function forget(key: string): void {
    const entity = entities.get(key);
    if (entity) for (const [property, index] of indexes) index.get(normal(entity[property]))?.delete(key);
  }

  return {
    get size() {
      return entities.size;
    },
    get newestKey() {
      return newestKey;
    },
    get: (key) => entities.get(normal(key)),
    all: () => [...entities.values()],
    entries: () => entities.entries(),
    where: (property, value) =>
      [...(indexOf(property).get(normal(value)) ?? [])].map((key) => entities.get(key) as Entity),
    put(written, entity) {
      const key = normal(written);
      if (entities.has(key)) forget(key);
      else newestKey = key;
      entities.set(key, entity);
      for (const [property, index] of indexes) addTo(index, property, key, entity);
    },
    delete(written) {
      forget(normal(written));
      entities.delete(normal(written));
    },
    clear() {
      entities.clear();
      indexes.clear();
      newestKey = undefined;
    },
  };
}

function addTo(index: Map<string, Set<string>>, property: string, key: string, entity: Row): void {
  const value = normal(entity[property]);
  const keys = index.get(value);
  if (keys) keys.add(key);
  else index.set(value, new Set([key]));
}

const normal = (value: unknown): string => String(value).toLowerCase();

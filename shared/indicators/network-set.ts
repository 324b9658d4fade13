import ipaddr from "ipaddr.js";

/** Many address ranges, looked up in a few steps however many there are. */
export class NetworkSet {
  /** By family and length of the prefix, the prefixes as text, each with what it stands for. */
  readonly #byLength = new Map<string, Map<string, string>>();

  /** @returns false when the text is no address or range */
  add(range: string, name: string): boolean {
    const [base = "", bits, ...more] = range.trim().split("/");
    if (more.length > 0 || !ipaddr.isValid(base) || (!base.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(base)))
      return false;
    const address = ipaddr.parse(base);
    const all = address.kind() === "ipv4" ? 32 : 128;
    const length = bits === undefined ? all : /^\d{1,3}$/.test(bits) ? Number(bits) : all + 1;
    if (length > all) return false;
    const family = `${address.kind()}/${length}`;
    const prefixes = this.#byLength.get(family) ?? new Map<string, string>();
    prefixes.set(prefixOf(address.toByteArray(), length), name);
    this.#byLength.set(family, prefixes);
    return true;
  }

  /** What the widest range that holds an address stands for. */
  find(value: string): string | undefined {
    if (this.#byLength.size === 0) return undefined;
    const address = ipaddr.parse(value);
    const bytes = address.toByteArray();
    for (const [family, prefixes] of this.#byLength) {
      const [kind, length] = family.split("/");
      if (kind !== address.kind()) continue;
      const found = prefixes.get(prefixOf(bytes, Number(length)));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** The first bits of an address, as text. */
function prefixOf(bytes: readonly number[], length: number): string {
  const whole = bytes.slice(0, length >> 3);
  const rest = length & 7;
  if (rest > 0) whole.push((bytes[length >> 3] ?? 0) & (0xff << (8 - rest)));
  return String.fromCharCode(...whole);
}

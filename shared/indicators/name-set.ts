import { upwards } from "./domain.ts";

/** Names that are kept free, each with what it stands for. */
export class NameSet {
  readonly #exact = new Map<string, string>();
  readonly #below = new Map<string, string>();
  readonly #above = new Map<string, string>();

  /** @param withSubdomains whether what lies under the name is kept free too */
  add(name: string, why: string, withSubdomains: boolean): void {
    (withSubdomains ? this.#below : this.#exact).set(name, why);
    for (const parent of upwards(name)) if (parent !== name && !this.#above.has(parent)) this.#above.set(parent, why);
  }

  /** Why a host is kept free: it is one of the names, or lies under one. */
  findHost(host: string): string | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    for (const name of upwards(host)) {
      const found = this.#below.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The same for an indicator on a domain, which hits all its subdomains: a name that is kept free may lie under it. */
  findDomain(domain: string): string | undefined {
    return this.findHost(domain) ?? this.#above.get(domain);
  }
}

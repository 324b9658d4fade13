import { domainToASCII } from "node:url";
import { parse } from "tldts";
import { type Refusal, refusal } from "./skip-reason.ts";

const LABEL = /^(?![-_])[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * The one way of writing a domain name: lower case, international names in their `xn--` form, without a final dot. A leading
 * `*.` goes, as Defender matches every subdomain anyway.
 */
export function canonicalDomain(text: string): { value: string } | Refusal {
  const bare = text.replace(/^(?:\*\.|\.)/, "").replace(/\.$/, "");
  if (bare === "") return refusal("value-empty");
  if (bare.includes("*")) return refusal("wildcard", text);
  // What is made of numbers alone would become an address on the way to ASCII.
  const name = /^[\w.-]+$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  const labels = name.split(".");
  const isName = labels.length > 1 && name.length <= 253 && labels.every((label) => LABEL.test(label));
  if (!isName || /^\d+$/.test(labels.at(-1) ?? "")) return refusal("domain-syntax", text);
  return { value: name };
}

const SPECIAL = new Set(
  "localhost local localdomain internal intranet lan home corp private arpa test invalid example onion alt".split(" "),
);
const EXAMPLES = new Set(["example.com", "example.net", "example.org", "example.edu"]);

/** Why no indicator may ever name a host, be it as a domain or in a URL. */
export function objectionToHost(name: string): Refusal | undefined {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const { isIcann, isPrivate, domain } = parse(name, { allowPrivateDomains: true });
  if (SPECIAL.has(last) || EXAMPLES.has(domain ?? "")) return refusal("special-name", name);
  return isIcann || isPrivate ? undefined : refusal("unknown-tld", last);
}

/** Whether everybody's names lie under this one: `co.uk`, `github.io`, `blob.core.windows.net`. */
export const isPublicSuffix = (name: string): boolean =>
  parse(name, { allowPrivateDomains: true }).publicSuffix === name || parse(name).publicSuffix === name;

/** A name and all names above it: `a.b.c`, `b.c`, `c`. */
export function* upwards(name: string): Generator<string> {
  for (let at = 0; at >= 0; at = name.indexOf(".", at) + 1 || -1) yield name.slice(at);
}

import type { SightedType } from "../../indicators/sighting.ts";
import { type Refusal, refusal } from "../../indicators/skip-reason.ts";

/** How a kind of MISP attribute becomes an indicator: which part of a composite value, and what it is. */
export interface AttributeMapping {
  type: SightedType;
  /** Of `a|b`, which part is meant. */
  part?: "first" | "last";
  /** The part that is dropped narrowed what was meant. */
  widened?: true;
  /** It tells where connections come from. */
  isSource?: true;
}

const MAPPINGS: Record<string, AttributeMapping> = {
  sha256: { type: "FileSha256" },
  "filename|sha256": { type: "FileSha256", part: "last" },
  sha1: { type: "FileSha1" },
  "filename|sha1": { type: "FileSha1", part: "last" },
  md5: { type: "FileMd5" },
  "filename|md5": { type: "FileMd5", part: "last" },
  "malware-sample": { type: "FileMd5", part: "last" },
  "ip-dst": { type: "IpAddress" },
  "ip-dst|port": { type: "IpAddress", part: "first", widened: true },
  "ip-src": { type: "IpAddress", isSource: true },
  "ip-src|port": { type: "IpAddress", part: "first", widened: true, isSource: true },
  domain: { type: "DomainName" },
  hostname: { type: "DomainName" },
  "hostname|port": { type: "DomainName", part: "first", widened: true },
  // The address beside it is often one of shared hosting.
  "domain|ip": { type: "DomainName", part: "first" },
  url: { type: "Url" },
  uri: { type: "Url" },
  "x509-fingerprint-sha1": { type: "CertificateThumbprint" },
};

const OTHER_HASHES =
  /^(?:filename\|)?(?:sha224|sha384|sha512|sha512\/2(?:24|56)|sha3-\d+|imphash|impfuzzy|ssdeep|tlsh|vhash|pehash|authentihash|telfhash|cdhash|dom-hash|x509-fingerprint-(?:md5|sha256))$/;

/** @see https://www.misp-project.org/datamodels/ */
export function mappingOf(type: string): AttributeMapping | Refusal {
  return MAPPINGS[type] ?? refusal(OTHER_HASHES.test(type) ? "hash-type" : "no-type", type);
}

/** The part of a value that is meant; hashes and addresses hold no `|`, file names may. */
export function partOf(value: string, { part }: AttributeMapping): string {
  const at = part === "last" ? value.lastIndexOf("|") : value.indexOf("|");
  if (part === undefined || at < 0) return value;
  return part === "last" ? value.slice(at + 1) : value.slice(0, at);
}

import type { IndicatorType } from "../../defender/indicators/indicator.ts";
import type { SightedType } from "../../indicators/sighting.ts";
import { type Refusal, refusal } from "../../indicators/skip-reason.ts";
import { hashName } from "./hash-names.ts";
import type { Comparison } from "./pattern.ts";

/** A value of a pattern that Defender can match. */
export interface Anchor {
  type: SightedType;
  rawValue: string;
  widened?: true;
}

export interface MapOptions {
  /** Whether addresses that connections come from are taken. */
  inbound: boolean;
  /** Whether hashes of certificates are those of signers of code. */
  certificates: boolean;
}

/** What one comparison is to Defender: a value, something that narrows, something that cannot widen, or a reason. */
type Meaning =
  | { kind: "anchor"; type: SightedType; group: string }
  | { kind: "narrows" }
  | { kind: "context" }
  | { kind: "refused"; refusal: Refusal };

const FILE_HASHES: Record<string, IndicatorType> = { SHA256: "FileSha256", SHA1: "FileSha1", MD5: "FileMd5" };
const NAMES = new Set(["domain-name:value", "hostname:value", "x-opencti-hostname:value"]);
const ADDRESSES = new Set(["ipv4-addr:value", "ipv6-addr:value"]);
/** Of several hashes of one file, the strongest stands for it. */
const STRENGTH: readonly SightedType[] = ["FileSha256", "FileSha1", "FileMd5"];

/** What a way of fulfilling a pattern comes to: one value, or one for each element of a set; else a reason. */
export function mapTerm(term: readonly Comparison[], options: MapOptions): Anchor[] | Refusal {
  const parts = term.map((comparison) => ({ comparison, meaning: meaningOf(comparison, options) }));
  const anchors = parts.filter(({ meaning }) => meaning.kind === "anchor");
  const usable = anchors.filter(({ comparison }) => isEquality(comparison));
  const [best, ...others] = strongest(usable);
  if (!best) {
    if (anchors[0])
      return refusal(isRange(anchors[0].comparison) ? "cidr" : "operator", anchors[0].comparison.operator);
    const refused = parts.find(({ meaning }) => meaning.kind === "refused")?.meaning;
    return refused?.kind === "refused" ? refused.refusal : refusal("context", pathOf(term[0]));
  }
  if (
    others.length > 0 &&
    !isSameThing(
      best.comparison,
      others.map(({ comparison }) => comparison),
    )
  ) {
    return refusal("and-conflict", [best, ...others].map(({ comparison }) => pathOf(comparison)).join(", "));
  }
  // Whatever else has to hold is dropped, so more is matched than the pattern means.
  const dropped = parts.filter((part) => !usable.includes(part));
  const isFile = best.comparison.object === "file";
  const widened = dropped.some(
    ({ comparison, meaning }) => meaning.kind !== "context" && !(isFile && comparison.object === "file"),
  );
  const { type } = best.meaning as Extract<Meaning, { kind: "anchor" }>;
  const named = type === "Network" ? typeFrom(term) : type;
  return best.comparison.values.map((rawValue) => ({ type: named, rawValue, ...(widened && { widened: true }) }));
}

const pathOf = (comparison: Comparison | undefined): string =>
  comparison ? `${comparison.object}:${comparison.path.join(".")}` : "";

const isEquality = ({ operator, negated, values }: Comparison): boolean =>
  !negated &&
  (["=", "==", "IN"].includes(operator) || (operator === "ISSUBSET" && /\/(?:32|128)$/.test(values[0] ?? "")));

const isRange = ({ operator, negated }: Comparison): boolean => operator === "ISSUBSET" && !negated;

function meaningOf(comparison: Comparison, { inbound, certificates }: MapOptions): Meaning {
  const { object, path } = comparison;
  const whole = pathOf(comparison);
  const refused = (...reason: Parameters<typeof refusal>): Meaning => ({
    kind: "refused",
    refusal: refusal(...reason),
  });

  if (NAMES.has(whole)) return { kind: "anchor", type: "DomainName", group: whole };
  if (ADDRESSES.has(whole)) return { kind: "anchor", type: "IpAddress", group: whole };
  if (whole === "url:value") return { kind: "anchor", type: "Url", group: whole };
  if (object === "file" && path[0] === "hashes" && path.length === 2) {
    const type = FILE_HASHES[hashName(path[1] ?? "")];
    return type ? { kind: "anchor", type, group: "file" } : refused("hash-type", path[1]);
  }
  if (object === "x509-certificate" && path[0] === "hashes") {
    if (!certificates) return refused("certificate");
    const isSha1 = hashName(path[1] ?? "") === "SHA1";
    return isSha1 ? { kind: "anchor", type: "CertificateThumbprint", group: whole } : refused("hash-type", path[1]);
  }
  if (object === "network-traffic") {
    const isSource = path[0] === "src_ref";
    if (!isSource && path[0] !== "dst_ref") return { kind: "narrows" };
    if (path[1] === "type") return { kind: "context" };
    if (path[1] !== "value") return { kind: "narrows" };
    return isSource && !inbound ? refused("direction") : { kind: "anchor", type: "Network", group: whole };
  }
  if (object === "domain-name" && path[0] === "resolves_to_refs") return { kind: "context" };
  if (["file", "domain-name", "url", "ipv4-addr", "ipv6-addr"].includes(object)) {
    // What MISP adds about a value repeats it in parts.
    return path[0]?.startsWith("x_misp_") ? { kind: "context" } : { kind: "narrows" };
  }
  return refused("object-type", object);
}

/** Of what a term asks for, the one that stands for the rest: the strongest hash, and a URL before its host. */
function strongest<P extends { comparison: Comparison; meaning: Meaning }>(parts: readonly P[]): P[] {
  const typeOf = ({ meaning }: P) => (meaning.kind === "anchor" ? meaning.type : "Network");
  const weight = (part: P) => STRENGTH.indexOf(typeOf(part)) - (typeOf(part) === "Url" ? 1 : 0);
  return parts.toSorted((one, other) => weight(one) - weight(other));
}

/** Whether all comparisons are about one thing: hashes of one file, or a URL with its own host. */
function isSameThing(best: Comparison, others: readonly Comparison[]): boolean {
  if (best.object === "file") {
    const names = [best, ...others].map(({ path }) => hashName(path[1] ?? ""));
    return others.every(({ object }) => object === "file") && new Set(names).size === names.length;
  }
  const [value = ""] = best.values;
  return others.every(({ object, values }) => {
    if (pathOf(best) === `${object}:value` && values[0] === value) return true;
    return best.object === "url" && URL.canParse(value) && new URL(value).hostname === values[0];
  });
}

/** What `dst_ref.type` says the value beside it is. */
function typeFrom(term: readonly Comparison[]): SightedType {
  const type = term.find(({ object, path }) => object === "network-traffic" && path[1] === "type")?.values[0];
  if (type === "ipv4-addr" || type === "ipv6-addr") return "IpAddress";
  return type === "domain-name" ? "DomainName" : "Network";
}

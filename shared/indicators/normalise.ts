import type { IndicatorType } from "../defender/indicators/indicator.ts";
import { canonicalAddress, looksLikeAddress } from "./address.ts";
import { canonicalDomain } from "./domain.ts";
import { canonicalHash } from "./hash.ts";
import { bareText, refang, visibleText } from "./refang.ts";
import type { SightedType } from "./sighting.ts";
import { isRefusal, type Refusal, refusal } from "./skip-reason.ts";
import { canonicalUrl } from "./url.ts";

/** A value in the one form Defender takes it in. */
export interface Observable {
  type: IndicatorType;
  value: string;
  /** Of a URL, what it points to. */
  host?: string;
  /** A port was taken off: the address alone matches more than was meant. */
  widened?: true;
}

/** What tells indicators apart: Defender has at most one of a type and value that we would make. */
export const keyOf = ({ type, value }: Pick<Observable, "type" | "value">): string => `${type}|${value}`;

const LONGEST_TEXT = 16_384;

/**
 * Brings the text of a feed into canonical form. What stands around a value, and what makes links harmless, is only undone
 * where the text as it stands is no value: the end of a URL is part of it, and one without its end would match more.
 */
export function normalise(type: SightedType, rawValue: string): Observable | Refusal {
  if (rawValue.length > LONGEST_TEXT) return refusal("value-too-long", `${rawValue.length} characters`);
  const text = visibleText(rawValue);
  if (text === "") return refusal("value-empty");
  const asItStands = observableOf(type, text);
  if (!isRefusal(asItStands) || asItStands.reason === "value-too-long") return asItStands;
  for (const attempt of new Set([bareText(text), refang(text), refang(bareText(text))])) {
    if (attempt === text || attempt === "") continue;
    const outcome = observableOf(type, attempt);
    if (!isRefusal(outcome)) return outcome;
  }
  return asItStands;
}

function observableOf(type: SightedType, text: string): Observable | Refusal {
  switch (type) {
    case "IpAddress":
      return address(text);
    case "Url":
      return url(text);
    case "DomainName":
    case "Network":
      return named(type, text);
    default: {
      const hash = canonicalHash(type, text);
      return isRefusal(hash) ? hash : { type, ...hash };
    }
  }
}

function address(text: string): Observable | Refusal {
  const found = canonicalAddress(text);
  if (isRefusal(found)) return found;
  return { type: "IpAddress", value: found.value, ...(found.port !== undefined && { widened: true }) };
}

function url(text: string): Observable | Refusal {
  const found = canonicalUrl(text);
  return isRefusal(found) ? found : { type: "Url", ...found };
}

/** What is called a domain may be an address, or be written as a URL without a path. */
function named(type: "DomainName" | "Network", text: string): Observable | Refusal {
  if (/^https?:\/\//i.test(text)) {
    const whole = url(text);
    if (type === "Network" || isRefusal(whole)) return whole;
    const bare = text.replace(/^https?:\/\//i, "").replace(/\/$/, "");
    return /[/?#@:]/.test(bare) ? refusal("domain-syntax", text) : named(type, bare);
  }
  const [host = "", ...rest] = text.split("/");
  if (looksLikeAddress(host) || /^\[?[0-9a-f:.]+\]?(?::\d+)?$/i.test(host)) {
    const found = address(text);
    if (!isRefusal(found) || looksLikeAddress(host)) return found;
  }
  if (rest.length > 0) return refusal("domain-syntax", text);
  const found = canonicalDomain(text);
  return isRefusal(found) ? found : { type: "DomainName", value: found.value };
}

import { canonicalAddress, looksLikeAddress } from "./address.ts";
import { canonicalDomain } from "./domain.ts";
import { isRefusal, type Refusal, refusal } from "./skip-reason.ts";

/** What Defender takes is not printed; nobody was seen to send more. */
export const LONGEST_URL = 2_048;

/** The one way of writing a URL, and the host it names, in the canonical form of addresses and domains. */
export interface CanonicalUrl {
  value: string;
  host: string;
}

/**
 * Brings a URL into one form: host in lower case, default port, credentials, fragment and a lone `/` dropped, path and query
 * kept to the letter. A host that only becomes an address by reading numbers (`http://0x7f.1`) is refused.
 */
export function canonicalUrl(text: string): CanonicalUrl | Refusal {
  if (!/^https?:\/\//i.test(text) || /\s/.test(text) || !URL.canParse(text)) return refusal("url-syntax", text);
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  const parsed = url.hostname.replace(/^\[|\]$/g, "");
  const written = /^https?:[\\/]+(?:[^/\\?#]*@)?(\[[^\]]*\]|[^:/\\?#]*)/i.exec(text)?.[1] ?? "";
  if (looksLikeAddress(parsed) && !looksLikeAddress(written.replace(/^\[|\]$/g, ""))) {
    return refusal("url-syntax", "the host is a number in disguise");
  }
  const host = looksLikeAddress(parsed) ? canonicalAddress(parsed) : canonicalDomain(parsed);
  if (isRefusal(host)) return host;
  // A name with a leading or final dot is the same name.
  if (!looksLikeAddress(parsed)) url.hostname = host.value;
  const value = isHostOnly(url.href) ? url.href.replace(/\/$/, "") : url.href;
  return value.length > LONGEST_URL
    ? refusal("value-too-long", `${value.length} characters`)
    : { value, host: host.value };
}

/** Whether a URL names a whole host and no path in it. */
export const isHostOnly = (url: string): boolean => /^https?:\/\/[^/?#]+\/?$/.test(url);

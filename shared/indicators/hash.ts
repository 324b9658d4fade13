import type { IndicatorType } from "../defender/indicators/indicator.ts";
import { type Refusal, refusal } from "./skip-reason.ts";

const DIGITS: Partial<Record<IndicatorType, number>> = {
  FileMd5: 32,
  FileSha1: 40,
  FileSha256: 64,
  CertificateThumbprint: 40,
};

/** What hashing nothing gives. */
const OF_NOTHING = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]);

/** The one way of writing a hash: its digits in lower case. Its type comes from the feed, never from its length. */
export function canonicalHash(type: IndicatorType, text: string): { value: string } | Refusal {
  const value = text
    .replace(/^(?:sha-?256|sha-?1|md5):/i, "")
    .replaceAll(/\s/g, "")
    .toLowerCase();
  if (value.length !== DIGITS[type] || !/^[0-9a-f]+$/.test(value)) return refusal("hash-syntax", text);
  return OF_NOTHING.has(value) || /^0+$/.test(value) ? refusal("empty-hash") : { value };
}

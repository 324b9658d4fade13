import ipaddr from "ipaddr.js";
import { type Refusal, refusal } from "./skip-reason.ts";

/** An address, and the port it was written with. */
export interface Address {
  value: string;
  port?: number;
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** Whether text is an address, in any form that this app takes. */
export const looksLikeAddress = (text: string): boolean =>
  IPV4.test(text) || (text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text));

/**
 * The one way of writing an address: IPv4 in four decimals, IPv6 with all its eight groups, as Defender wants it. A port
 * behind it is taken off, a mapped IPv4 address is unwrapped.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview
 */
export function canonicalAddress(text: string): Address | Refusal {
  const [base = "", bits, ...more] = text.split("/");
  const single = bits === undefined || (more.length === 0 && bits === (base.includes(":") ? "128" : "32"));
  if (!single) {
    return /^\d{1,3}$/.test(bits) && looksLikeAddress(base) ? refusal("cidr", text) : refusal("address-syntax", text);
  }
  const whole = canonical(base);
  if (whole) return { value: whole };

  const [, bracketed, afterBracket] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(base) ?? [];
  const colon = base.lastIndexOf(":");
  const host = bracketed ?? (colon > 0 ? base.slice(0, colon) : "");
  const port = bracketed === undefined ? base.slice(colon + 1) : afterBracket;
  const value = canonical(host);
  if (!value || (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))) {
    return refusal("address-syntax", text);
  }
  return { value, ...(port !== undefined && { port: Number(port) }) };
}

function canonical(text: string): string | undefined {
  if (IPV4.test(text)) return text;
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toNormalizedString();
}

/** Addresses that clouds and machines depend on although they look like any other, with what they are. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ["168.63.129.16", "the platform address of Azure"],
  ["1.0.0.1", "a public resolver"],
  ["1.1.1.1", "a public resolver"],
  ["8.8.4.4", "a public resolver"],
  ["8.8.8.8", "a public resolver"],
  ["9.9.9.9", "a public resolver"],
  ["149.112.112.112", "a public resolver"],
  ["208.67.220.220", "a public resolver"],
  ["208.67.222.222", "a public resolver"],
  ["2001:4860:4860:0:0:0:0:8888", "a public resolver"],
  ["2001:4860:4860:0:0:0:0:8844", "a public resolver"],
  ["2606:4700:4700:0:0:0:0:1111", "a public resolver"],
  ["2606:4700:4700:0:0:0:0:1001", "a public resolver"],
  ["2620:fe:0:0:0:0:0:fe", "a public resolver"],
]);

/** Why no indicator may ever name an address, given in its canonical form. */
export function objectionToAddress(value: string): Refusal | undefined {
  const known = NEVER.get(value);
  if (known) return refusal("protected", known);
  const address = ipaddr.parse(value);
  const range = address.range();
  if (range !== "unicast") return refusal("special-address", range);
  // Of IPv6, only 2000::/3 has been handed out.
  const isHandedOut = address.kind() === "ipv4" || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
  return isHandedOut ? undefined : refusal("special-address", "not handed out");
}

import { BlockList, isIPv6 } from "node:net";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { IndicatorType } from "./indicator.ts";

/** What Defender can block on the network. */
export interface NetworkIndicator {
  indicatorType: Extract<IndicatorType, "IpAddress" | "DomainName" | "Url">;
  indicatorValue: string;
}

/** An address, a domain or a URL as people write it, of which a block can be asked for. */
export const NetworkValue = z
  .string()
  .trim()
  .max(2_048)
  .superRefine((text, context) => {
    try {
      networkIndicatorOf(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  });

/**
 * What blocks a value; its form says what kind it is: a URL has a scheme.
 *
 * @throws Error for what Defender could not block, and for addresses that every network has
 * @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview - IPv6 with all its eight groups
 */
export function networkIndicatorOf(text: string): NetworkIndicator {
  const isUrl = /^https?:\/\//i.test(text) && URL.canParse(text);
  const host = isUrl ? new URL(text).hostname.replaceAll(/[[\]]/g, "") : text;
  const ip = Ip.safeParse(host).data;
  if (ip && isInternalIp(ip)) {
    throw new Error("this address means something inside networks only: a block would hit every network that has it");
  }
  if (isUrl) return { indicatorType: "Url", indicatorValue: text };
  if (ip) return { indicatorType: "IpAddress", indicatorValue: isIPv6(ip) ? allGroups(ip) : ip };
  const domain = z.hostname().safeParse(text.toLowerCase()).data;
  if (domain?.includes(".")) return { indicatorType: "DomainName", indicatorValue: domain };
  throw new Error("write an IP address without a range, a domain, or a URL with http:// or https://");
}

const Ip = z.union([z.ipv4(), z.ipv6()]);

/** The one way of writing an IPv6 address that leaves nothing out. */
function allGroups(ip: string): string {
  // A URL writes the address in its shortest form, with an IPv4 tail as groups.
  const [head = "", tail] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const between = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: between }, () => "0"), ...after].join(":");
}

const INSIDE = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  INSIDE.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  INSIDE.addSubnet(network, bits, "ipv6");

/** Whether an address means something inside a network only. */
export const isInternalIp = (ip: string): boolean => INSIDE.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");

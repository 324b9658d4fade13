import { z } from "zod";
import { oneLine } from "../../streaming/one-line.ts";
import { FileHash } from "../files/file.ts";
import { isInternalIp } from "../indicators/network-indicator.ts";
import type { Evidence } from "./alert.ts";

/** The values of an alert's evidence that can be met elsewhere too, each once. */
export interface Observables {
  /** `hash` is the SHA-1 where there is one. */
  files: { hash: FileHash; name: string }[];
  /** Without those that mean something inside a network only. */
  ips: string[];
  domains: string[];
  accounts: string[];
}

/** Takes apart what an alert shows. What cannot be read is left out: evidence comes from machines in hostile hands. */
export function observablesOf(evidence: readonly Evidence[]): Observables {
  const files = new Map<FileHash, string>();
  const ips = new Set<string>();
  const domains = new Set<string>();
  const accounts = new Set<string>();
  for (const { sha1, sha256, fileName, ipAddress, url, accountName } of evidence) {
    const hash = FileHash.safeParse(sha1).data ?? FileHash.safeParse(sha256).data;
    if (hash && !files.has(hash)) files.set(hash, oneLine(fileName ?? "", LONGEST_NAME) || "a file without a name");
    for (const host of [ipAddress, hostOf(url)]) {
      const ip = Ip.safeParse(host).data;
      const domain = ip ? undefined : z.hostname().safeParse(host).data;
      if (ip && !isInternalIp(ip)) ips.add(ip);
      if (domain?.includes(".")) domains.add(domain);
    }
    if (accountName) accounts.add(oneLine(accountName, LONGEST_NAME));
  }
  return {
    files: [...files].map(([hash, name]) => ({ hash, name })),
    ips: [...ips],
    domains: [...domains],
    accounts: [...accounts],
  };
}

const LONGEST_NAME = 100;

const Ip = z.union([z.ipv4(), z.ipv6()]);

/** URLs come with and without a scheme. */
function hostOf(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  const written = url.includes("://") ? url : `http://${url}`;
  return URL.canParse(written) ? new URL(written).hostname.replaceAll(/[[\]]/g, "") : undefined;
}

import { lookup as lookUp } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Looks like any public address, and answers inside of Azure with what only the platform should hear. */
const AZURE_PLATFORM = "168.63.129.16";

/** Whether an address leads somewhere else than into the public internet: to this machine, its network or its cloud. */
export function isInside(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  return parsed.range() !== "unicast" || parsed.toString() === AZURE_PLATFORM;
}

/** The name stands for an address that is not dialled. */
export class InsideAddress extends Error {
  override name = "InsideAddress";
}

/** @throws InsideAddress for a host that is written as an address of the inside; names are looked at when they are resolved */
export function refuseInside(hostname: string): void {
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 && isInside(bare)) throw new InsideAddress();
}

/**
 * Resolves names as the system does, and refuses those of which any address lies inside. As it is the connection itself
 * that resolves with it, a name cannot change its address between the look and the call.
 */
export const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error("The name has no address"), "");
    if (addresses.some(({ address }) => isInside(address))) return callback(new InsideAddress(), "");
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

import { looksLikeAddress, objectionToAddress } from "./address.ts";
import { NEVER_ITSELF, NEVER_WHOLE_HOSTS, NEVER_WITH_SUBDOMAINS } from "./built-in-names.ts";
import { isPublicSuffix, objectionToHost } from "./domain.ts";
import { NameSet } from "./name-set.ts";
import { NetworkSet } from "./network-set.ts";
import { keyOf, normalise, type Observable } from "./normalise.ts";
import { isRefusal, type Refusal, refusal, type SkipReason } from "./skip-reason.ts";
import type { AllowEntry } from "./sync-settings.ts";
import { isHostOnly } from "./url.ts";
import type { WarningListInUse } from "./warning-list.ts";

/** Why a value must not become an indicator; nothing if it may. */
export type Filter = (observable: Observable) => Refusal | undefined;

export interface KeptFree {
  allow: readonly AllowEntry[];
  warningLists: readonly WarningListInUse[];
}

/**
 * What must never be blocked, whatever feeds say: special addresses and names, public suffixes, the built-in list, the
 * allow-list as far as it has not expired, warning lists. Settings can add to it and take nothing away.
 */
export function createFilter({ allow, warningLists }: KeptFree, now: Date): Filter {
  const today = now.toISOString().slice(0, 10);
  const checks: Filter[] = [alwaysRefused, builtIn()];
  const live = allow.filter(({ expires }) => expires === undefined || expires >= today);
  if (live.length > 0) checks.push(allowList(live));
  for (const one of warningLists) checks.push(warningList(one));

  return (observable) => {
    for (const check of checks) {
      const objection = check(observable);
      if (objection) return objection;
    }
    return undefined;
  };
}

const hostOf = ({ type, value, host }: Observable): string | undefined =>
  type === "IpAddress" || type === "DomainName" ? value : host;

/** Whether an indicator hits a whole host: a URL without a path covers all of it. */
const hitsHost = ({ type, value }: Observable): boolean => type !== "Url" || isHostOnly(value);

const alwaysRefused: Filter = (observable) => {
  const host = hostOf(observable);
  if (host === undefined) return undefined;
  if (looksLikeAddress(host)) return objectionToAddress(host);
  const objection = objectionToHost(host);
  if (objection) return objection;
  return hitsHost(observable) && isPublicSuffix(host) ? refusal("public-suffix", host) : undefined;
};

const findName = (names: NameSet, observable: Observable, host: string): string | undefined =>
  observable.type === "DomainName" ? names.findDomain(host) : names.findHost(host);

function builtIn(): Filter {
  const whole = new NameSet();
  const hosts = new NameSet();
  for (const name of NEVER_WITH_SUBDOMAINS) whole.add(name, name, true);
  for (const name of NEVER_ITSELF) hosts.add(name, name, false);
  for (const name of NEVER_WHOLE_HOSTS) hosts.add(name, name, true);
  return (observable) => {
    const host = hostOf(observable);
    if (host === undefined || looksLikeAddress(host)) return undefined;
    const found =
      findName(whole, observable, host) ?? (hitsHost(observable) ? findName(hosts, observable, host) : undefined);
    return found === undefined ? undefined : refusal("protected", found);
  };
}

function allowList(entries: readonly AllowEntry[]): Filter {
  const names = new NameSet();
  const networks = new NetworkSet();
  const keys = new Map<string, string>();
  const urls: [string, string][] = [];
  for (const { value, owner, reason } of entries) {
    const why = `${value} (${owner}: ${reason})`;
    if (networks.add(value, why)) continue;
    const hash = /^[0-9a-f]+$/i.test(value) && [32, 40, 64].includes(value.length);
    const observable = hash ? undefined : normalise("Network", value);
    if (hash) keys.set(value.toLowerCase(), why);
    else if (!observable || isRefusal(observable)) names.add(value.toLowerCase(), why, true);
    else if (observable.type === "Url") urls.push([observable.value, why]);
    else names.add(observable.value, why, true);
  }
  return (observable) => {
    const found = find("allow-listed", observable, { names, networks, exact: keys, urls: true });
    const { type, value } = observable;
    if (found || type !== "Url") return found ?? domainOverUrl(observable, urls);
    // A URL covers what lies below it, so both the entry above and the entry below count.
    const hit = urls.find(([url]) => value.startsWith(url) || url.startsWith(value));
    return hit && refusal("allow-listed", hit[1]);
  };
}

/** An indicator on a host would also hit a URL on it that is to stay free. */
function domainOverUrl({ type, value }: Observable, urls: readonly [string, string][]): Refusal | undefined {
  if (type !== "DomainName" && type !== "IpAddress") return undefined;
  const hit = urls.find(([url]) => {
    const { hostname } = new URL(url);
    return hostname === value || (type === "DomainName" && hostname.endsWith(`.${value}`));
  });
  return hit && refusal("allow-listed", hit[1]);
}

interface Lookup {
  names: NameSet;
  networks: NetworkSet;
  /** Values to the letter, of any type. */
  exact: ReadonlyMap<string, string>;
  /** Whether URLs are judged by their hosts too. */
  urls: boolean;
}

function find(
  reason: SkipReason,
  observable: Observable,
  { names, networks, exact, urls }: Lookup,
): Refusal | undefined {
  const host = hitsHost(observable) || urls ? hostOf(observable) : undefined;
  const found =
    exact.get(observable.value) ??
    (host === undefined ? undefined : looksLikeAddress(host) ? networks.find(host) : findName(names, observable, host));
  return found === undefined ? undefined : refusal(reason, found);
}

/** Lists of regular expressions are left out: one of them could refuse everything, or take for ever. */
function warningList({ list, subdomains, urls }: WarningListInUse): Filter {
  const names = new NameSet();
  const networks = new NetworkSet();
  const exact = new Map<string, string>();
  const parts: string[] = [];
  for (const entry of list.list) {
    const text = entry.trim().toLowerCase();
    if (text === "" || list.type === "regex") continue;
    if (list.type === "substring") parts.push(text);
    else if (networks.add(text, list.name)) continue;
    // Entries of exact lists that begin with a dot are meant for what lies below.
    else if (list.type === "hostname" || text.startsWith("."))
      names.add(text.replace(/^\.+|\.+$/g, ""), list.name, subdomains);
    else {
      exact.set(text, list.name);
      const observable = normalise("Network", text);
      if (isRefusal(observable)) continue;
      if (observable.type === "DomainName") names.add(observable.value, list.name, false);
      else exact.set(observable.value, list.name);
    }
  }
  return (observable) => {
    const found = find("warning-list", observable, { names, networks, exact, urls });
    if (found) return found;
    const part = parts.find((text) => observable.value.toLowerCase().includes(text));
    return part === undefined ? undefined : refusal("warning-list", `${list.name}: ${part}`);
  };
}

/** The observable a key stands for, to judge what is already there. */
export function observableOfKey(key: string): Observable | undefined {
  const at = key.indexOf("|");
  const observable = normalise(key.slice(0, at) as Observable["type"], key.slice(at + 1));
  return isRefusal(observable) || keyOf(observable) !== key ? undefined : observable;
}

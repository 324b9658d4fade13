import { expect, test } from "vitest";
import { Evidence } from "../../../shared/defender/alerts/alert.ts";
import { observablesOf } from "../../../shared/defender/alerts/observables-of.ts";

const SHA1 = "3395856ce81f2b7382dee72602f798b642f14140";
const SHA256 = "ab".repeat(32);
const of = (...rows: object[]) => observablesOf(rows.map((row) => Evidence.parse(row)));

test("takes each file once, by its SHA-1 where it has one", () => {
  const { files } = of(
    { entityType: "File", sha1: SHA1, sha256: SHA256, fileName: "invoice.exe" },
    { entityType: "Process", sha1: SHA1.toUpperCase(), fileName: "invoice.exe" },
    { entityType: "File", sha256: SHA256 },
  );
  expect(files).toEqual([
    { hash: SHA1, name: "invoice.exe" },
    { hash: SHA256, name: "a file without a name" },
  ]);
});

test("takes addresses and domains, also out of URLs, and leaves out those of inside networks", () => {
  const { ips, domains } = of(
    { entityType: "Ip", ipAddress: "203.0.113.7" },
    { entityType: "Ip", ipAddress: "10.0.0.7" },
    { entityType: "Url", url: "https://Evil.example/drop?x=1" },
    { entityType: "Url", url: "evil.example/other" },
    { entityType: "Url", url: "http://[2001:db8::7]:8080/" },
    { entityType: "Url", url: "intranet/start" },
  );
  expect({ ips, domains }).toEqual({ ips: ["203.0.113.7", "2001:db8::7"], domains: ["evil.example"] });
});

test("reads nothing into what a hostile device wrote", () => {
  const { files, ips, domains, accounts } = of({
    sha1: "not a hash",
    ipAddress: "1.2.3.4; drop",
    url: "http://",
    accountName: "ana\nroot",
  });
  expect({ files, ips, domains, accounts }).toEqual({ files: [], ips: [], domains: [], accounts: ["ana root"] });
});

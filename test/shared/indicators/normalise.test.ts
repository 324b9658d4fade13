import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalise } from "../../../shared/indicators/normalise.ts";
import type { SightedType } from "../../../shared/indicators/sighting.ts";

const outcomeOf = (type: SightedType, raw: string) => {
  const outcome = normalise(type, raw);
  return "reason" in outcome ? outcome.reason : `${outcome.type} ${outcome.value}`;
};

describe("values become the one form that Defender takes", () => {
  test.each([
    ["IpAddress", "198.51.100.7", "IpAddress 198.51.100.7"],
    ["IpAddress", "198.51.100[.]7", "IpAddress 198.51.100.7"],
    ["IpAddress", " 8.8.4.4/32 ", "IpAddress 8.8.4.4"],
    ["IpAddress", "1.2.3.4:443", "IpAddress 1.2.3.4"],
    ["IpAddress", "2001:4860:4860::8888", "IpAddress 2001:4860:4860:0:0:0:0:8888"],
    ["IpAddress", "[2a02:cf40:1::5]:40669", "IpAddress 2a02:cf40:1:0:0:0:0:5"],
    ["IpAddress", "::ffff:1.2.3.4", "IpAddress 1.2.3.4"],
    ["IpAddress", "223.166.0.0/15", "cidr"],
    ["IpAddress", "01.2.3.4", "address-syntax"],
    ["IpAddress", "1.2.3", "address-syntax"],
    ["IpAddress", "fe80::1%eth0", "address-syntax"],
    ["IpAddress", "1.2.3.4-9", "address-syntax"],
    ["DomainName", "Evil[.]COM.", "DomainName evil.com"],
    ["DomainName", "*.evil.com", "DomainName evil.com"],
    ["DomainName", "bücher.de", "DomainName xn--bcher-kva.de"],
    ["DomainName", "1.2.3.4", "IpAddress 1.2.3.4"],
    ["DomainName", "http://evil.com/", "DomainName evil.com"],
    ["DomainName", "http://evil.com/path", "domain-syntax"],
    ["DomainName", "a..b", "domain-syntax"],
    ["DomainName", "-a.com", "domain-syntax"],
    ["DomainName", "domain autuo.xicp.net", "domain-syntax"],
    ["DomainName", `${"a".repeat(64)}.com`, "domain-syntax"],
    ["DomainName", "a.*.com", "wildcard"],
    ["DomainName", "single", "domain-syntax"],
    ["Url", "hxxps[:]//Evil[.]com:443/A?b=C#d", "Url https://evil.com/A?b=C"],
    ["Url", "http://user:word@evil.com/", "Url http://evil.com"],
    ["Url", "http://evil.com./x", "Url http://evil.com/x"],
    ["Url", "http://evil.com/a[.]b", "Url http://evil.com/a[.]b"],
    ["Url", "http://0x7f.1/x", "url-syntax"],
    ["Url", "http://2130706433/", "url-syntax"],
    ["Url", "http://117.216.19.13:42598/i", "Url http://117.216.19.13:42598/i"],
    ["Url", "http://evil.com/'?", "Url http://evil.com/'?"],
    ["Url", "<http://evil.com/x>,", "Url http://evil.com/x"],
    ["Url", "ftp://evil.com/x", "url-syntax"],
    ["Url", `http://evil.com/${"a".repeat(3000)}`, "value-too-long"],
    ["Network", "https://evil.com/x", "Url https://evil.com/x"],
    ["Network", "evil.com", "DomainName evil.com"],
    ["Network", "1.2.3.4", "IpAddress 1.2.3.4"],
    [
      "FileSha256",
      "SHA256:AEC070645FE53EE3B3763059376134F058CC337247C978ADD178B6CCDFB0019F",
      "FileSha256 aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f",
    ],
    ["FileSha1", "aec070645fe53ee3b3763059376134f058cc337247c978add178b6ccdfb0019f", "hash-syntax"],
    ["FileMd5", "d41d8cd98f00b204e9800998ecf8427e", "empty-hash"],
    ["FileSha256", "", "value-empty"],
  ] as const)("%s %s", (type, raw, expected) => expect(outcomeOf(type, raw)).toBe(expected));
});

test("what is in canonical form stays as it is", () => {
  const texts = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.webUrl({ withQueryParameters: true }), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const once = normalise("Network", text);
      if ("reason" in once) return;
      const { type, value } = once;
      expect(normalise(type, value)).toMatchObject({ type, value });
    }),
    { numRuns: 500 },
  );
});

test("a port taken off an address is told, as the address alone matches more", () => {
  expect(normalise("IpAddress", "1.2.3.4:443")).toEqual({ type: "IpAddress", value: "1.2.3.4", widened: true });
});

import { describe, expect, test } from "vitest";
import { readMalwareBazaar, readThreatFox } from "../../../shared/feeds/abuse-ch/read-abuse-ch.ts";
import { readFeodoTable, readSslblTable, readUrlhausTable } from "../../../shared/feeds/abuse-ch/read-tables.ts";
import { readList } from "../../../shared/feeds/lists/read-list.ts";
import { readMisp } from "../../../shared/feeds/misp/read-misp.ts";
import { readOtx } from "../../../shared/feeds/otx/read-otx.ts";
import { mapPattern } from "../../../shared/feeds/stix/map-pattern.ts";
import { readStix } from "../../../shared/feeds/stix/read-stix.ts";
import { keyOf, normalise } from "../../../shared/indicators/normalise.ts";
import { countReasons, type Reading } from "../../../shared/indicators/sighting.ts";
import { isRefusal } from "../../../shared/indicators/skip-reason.ts";
import { feedJson, feedText, hasFeedFixtures } from "../../helpers/feed-fixtures.ts";

const options = { inbound: false, certificates: false, now: new Date("2026-09-01T00:00:00Z") };

const summary = ({ sightings, skipped, incomplete }: Reading) => [sightings.length, countReasons(skipped), incomplete];
const keys = ({ sightings }: Reading) =>
  sightings.flatMap(({ type, rawValue, revoked }) => {
    const observable = normalise(type, rawValue);
    return isRefusal(observable) || revoked ? [] : [keyOf(observable)];
  });

describe.runIf(hasFeedFixtures)("samples of feeds are read to the last value", () => {
  const stix = (name: string) => readStix("f", feedJson(`stix/${name}.json`).objects, options);

  test.each([
    ["cti-documentation/indicator-for-malicious-url", 1, {}],
    ["cti-documentation/sighting-of-an-indicator", 1, {}],
    ["cti-documentation/using-marking-definitions", 1, {}],
    ["json-schemas/indicator-for-c2-ip-address", 1, {}],
    ["json-schemas/indicator-to-campaign-relationship", 1, {}],
    ["json-schemas/malicious-email-indicator-with-attachment", 0, { "object-type": 2 }],
    ["json-schemas/poisonivy", 65, { context: 2 }],
    ["other/sample_grouping", 0, { "pattern-type": 5 }],
    ["stix-elevator/command-and-control-ip-list", 0, {}],
    ["stix-elevator/composite", 4, { "multi-observation": 2 }],
    ["stix-elevator/email-links-pattern", 0, { "object-type": 1 }],
    ["stix-elevator/empty-confidence", 1, {}],
    ["stix-elevator/file-and-directory-pattern", 0, { "multi-observation": 1 }],
    ["stix-elevator/file-hash-reputation-pattern", 1, { context: 1 }],
    ["stix-elevator/indicator-w-kill-chain", 0, { "object-type": 1 }],
    ["stix-elevator/ioc-indicator", 0, { "pattern-type": 1 }],
    ["stix-elevator/network-socket-pattern", 0, { context: 1 }],
    ["stix-elevator/or-instead-of-list-as-string", 3, {}],
    ["stix-elevator/resolve_to", 2, {}],
    ["stix-elevator/x509-pattern", 0, { "object-type": 1 }],
    ["stix-elevator/yara-test-mechanism", 0, { "pattern-type": 1 }],
  ])("STIX %s: %i values", (name, sightings, skipped) => {
    expect(summary(stix(name))).toEqual([sightings, skipped, undefined]);
  });

  test("a TLP mark on a STIX indicator counts", () => {
    expect(stix("cti-documentation/using-marking-definitions").sightings).toMatchObject([{ tlp: "AMBER" }]);
  });

  test("every scraped pattern gives values or a reason for each alternative", () => {
    for (const { pattern, specVersion, valid } of feedJson("patterns/scraped-patterns.json")) {
      const outcomes = mapPattern(pattern, specVersion, options);
      expect(outcomes.length, pattern).toBeGreaterThan(0);
      if (!valid) expect(outcomes).toMatchObject([{ reason: "pattern-syntax" }]);
    }
  });

  test.each([
    // The event is not published: of its 128 attributes, 113 would have been of use.
    ["event-hidden-cobra", 0, { unpublished: 113, "no-type": 13, "hash-type": 2 }],
    ["event-object-tags", 1, { "no-type": 1 }],
    ["event-shadow-proposals", 0, { proposal: 2, "no-type": 3 }],
    ["event-sunorcal", 50, { "no-type": 25 }],
    ["event-tenzir", 0, { "no-type": 5 }],
    ["event-with-sightings", 5, {}],
    ["attribute-intelmq", 1, {}],
  ])("MISP %s: %i values", (name, sightings, skipped) => {
    expect(summary(readMisp("f", feedJson(`misp/${name}.json`), options))).toEqual([sightings, skipped, undefined]);
  });

  test("once published, an event gives all its addresses; ports taken off are told", () => {
    const { Event } = feedJson("misp/event-hidden-cobra.json");
    const { sightings } = readMisp("f", { response: [{ Event: { ...Event, published: true } }] }, options);
    const addresses = sightings.filter(({ type }) => type === "IpAddress");
    expect([addresses.length, addresses.filter(({ widened }) => widened).length]).toEqual([93, 3]);
  });

  test("false positives and expirations that people noted in MISP withdraw a value", () => {
    const { sightings } = readMisp("f", feedJson("misp/event-with-sightings.json"), options);
    expect(sightings.map(({ revoked = false }) => revoked)).toEqual([false, true, true, true, false]);
  });

  test("an attribute of MISP and its STIX form come to the same", () => {
    const withValues: string[] = [];
    for (const [type, { MISP, STIX }] of Object.entries<{ MISP: object; STIX: unknown }>(
      feedJson("misp/misp-attributes-to-stix21.json"),
    )) {
      // A link is a reference in MISP; its STIX form no longer tells.
      if (type === "link" || !Array.isArray(STIX) || !("value" in MISP)) continue;
      const ours = keys(readMisp("f", { ...MISP, to_ids: true }, { ...options, inbound: true }));
      expect(keys(readStix("f", STIX, { ...options, inbound: true })), type).toEqual(ours);
      if (ours.length > 0) withValues.push(type);
    }
    expect(withValues.length).toBeGreaterThan(3);
  });

  test("abuse.ch", async () => {
    expect(summary(readThreatFox("f", feedJson("abusech/threatfox-get_iocs.json")))).toEqual([2, {}, undefined]);
    expect(summary(readMalwareBazaar("f", feedJson("abusech/malwarebazaar-get_recent.json")))).toEqual([
      1,
      {},
      undefined,
    ]);
    const urlhaus = await readUrlhausTable("f", [feedText("abusech/urlhaus-csv-recent.csv")]);
    expect(summary(urlhaus)).toEqual([64, { offline: 11 }, undefined]);
    expect(urlhaus.sightings[0]).toMatchObject({
      sourceId: "2301008",
      confidence: 70,
      firstSeen: "2022-09-13T07:28:08.000Z",
    });
    expect(summary(await readFeodoTable("f", [feedText("abusech/feodo-csv-row.csv")]))).toEqual([1, {}, undefined]);
    expect(summary(await readSslblTable("f", [feedText("abusech/sslbl.csv")]))).toEqual([
      0,
      { "tls-certificate": 1 },
      undefined,
    ]);
  });

  test("AlienVault OTX and plain lists", async () => {
    expect(summary(readOtx("f", feedJson("otx/pulses.json")))).toEqual([69, { "no-type": 2 }, undefined]);
    const list = async (name: string) => readList("f", [feedText(`lists/${name}.txt`)], { type: "IpAddress" });
    expect((await list("ipsum-head")).sightings.slice(0, 1)).toMatchObject([
      { rawValue: "77.90.185.20", confidence: 90 },
    ]);
    expect([
      summary(await list("ipsum-head")),
      summary(await list("ipsum-level7")),
      summary(await list("threatfox-ips")),
    ]).toEqual([
      [53, {}, undefined],
      [70, {}, undefined],
      [200, {}, undefined],
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { readFeodo, readThreatFox, readUrlhaus } from "../../../shared/feeds/abuse-ch/read-abuse-ch.ts";
import { parseBody } from "../../../shared/feeds/body.ts";
import { readCsv } from "../../../shared/feeds/lists/read-csv.ts";
import { readList } from "../../../shared/feeds/lists/read-list.ts";
import { mapPattern } from "../../../shared/feeds/stix/map-pattern.ts";
import { readStix } from "../../../shared/feeds/stix/read-stix.ts";
import { FeedSettings, type Layout } from "../../../shared/indicators/sync-settings.ts";

const options = { inbound: false, certificates: false, now: new Date("2026-03-02T10:00:00Z") };
const sha256 = "a".repeat(64);
const md5 = "b".repeat(32);

describe("STIX patterns become values, or tell why not", () => {
  test.each([
    ["[ipv4-addr:value IN ('1.2.3.4', '5.6.7.8')]", ["1.2.3.4", "5.6.7.8"]],
    ["[url:value = 'http://a.com/x' OR file:name = 'x.exe']", ["http://a.com/x", "context"]],
    [`[file:hashes.MD5 = '${md5}' AND file:hashes.'SHA-256' = '${sha256}' AND file:name = 'x']`, [sha256]],
    ["[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '1.2.3.4']", ["1.2.3.4"]],
    ["[domain-name:value = 'a.com' AND network-traffic:dst_port = 8443]", ["a.com widened"]],
    ["[domain-name:value = 'a.com' AND url:value = 'http://a.com/x']", ["http://a.com/x"]],
    ["[domain-name:value = 'b.com' AND url:value = 'http://a.com/x']", ["and-conflict"]],
    ["[ipv4-addr:value = '1.2.3.4' AND ipv4-addr:value = '5.6.7.8']", ["and-conflict"]],
    ["[network-traffic:src_ref.value = '1.2.3.4']", ["direction"]],
    ["[domain-name:value != 'a.com']", ["operator"]],
    ["[domain-name:value NOT = 'a.com']", ["operator"]],
    ["[domain-name:value LIKE 'a%']", ["operator"]],
    ["[ipv4-addr:value ISSUBSET '1.2.3.0/24']", ["cidr"]],
    ["[ipv4-addr:value ISSUBSET '1.2.3.4/32']", ["1.2.3.4/32"]],
    ["[domain-name:value = 'a.com'] REPEATS 5 TIMES", ["threshold"]],
    ["[domain-name:value = 'a.com'] FOLLOWEDBY [domain-name:value = 'b.com']", ["multi-observation"]],
    ["[domain-name:value = 'a.com'] OR [domain-name:value = 'b.com']", ["a.com", "b.com"]],
    [`[file:hashes.'SHA-512' = '${"a".repeat(128)}']`, ["hash-type"]],
    [`[x509-certificate:hashes.'SHA-1' = '${"a".repeat(40)}']`, ["certificate"]],
    ["[mutex:name = 'x']", ["object-type"]],
    ["[domain-name:value = 'a.com'", ["pattern-syntax"]],
  ])("%s", (pattern, expected) => {
    const outcomes = mapPattern(pattern, "2.1", options).map((one) =>
      "reason" in one ? one.reason : `${one.rawValue}${one.widened ? " widened" : ""}`,
    );
    expect(outcomes).toEqual(expected);
  });

  test("AND over OR that explodes is refused, a long plain list is not", () => {
    const either = "(domain-name:value = 'a.com' OR domain-name:value = 'b.com')";
    expect(mapPattern(`[${Array(20).fill(either).join(" AND ")}]`, "2.1", options)).toMatchObject([
      { reason: "pattern-size" },
    ]);
    const many = Array.from({ length: 5_000 }, (_, at) => `domain-name:value = 'a${at}.com'`).join(" OR ");
    expect(mapPattern(`[${many}]`, "2.1", options)).toHaveLength(5_000);
  });
});

test("of versions of one STIX indicator the newest counts, and a revoked one withdraws its value", () => {
  const version = (modified: string, more = {}) => ({
    type: "indicator",
    id: "indicator--1",
    spec_version: "2.1",
    modified,
    pattern: "[domain-name:value = 'a.com']",
    pattern_type: "stix",
    ...more,
  });
  const { sightings, skipped } = readStix(
    "f",
    [version("2026-02-01T00:00:00Z", { revoked: true }), version("2026-01-01T00:00:00Z"), { type: "indicator" }, null],
    options,
  );
  expect(sightings).toMatchObject([{ rawValue: "a.com", revoked: true }]);
  expect(skipped.map(({ reason }) => reason).sort()).toEqual(["not-readable", "superseded"]);
});

describe("what is no feed is incomplete, never an empty feed", () => {
  const layout: Layout = FeedSettings.shape.layout.unwrap().parse({});
  const page = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n";

  test.each([
    ["an empty list", () => readList("f", [""], layout), "empty"],
    ["a page in place of a list", () => readList("f", [page], layout), "web page"],
    ["a page in place of a table", () => readCsv("f", [page], layout), "web page"],
    ["a table cut in the middle of a field", () => readCsv("f", ['value\n1.2.3.4\n"5.6.7'], layout), "Quote"],
    [
      "a list of too many lines",
      () => readList("f", ["a.com\nb.com\nc.com\n"], layout, { mostLines: 2 }),
      "more than 2 lines",
    ],
    [
      "a list too long",
      () => readCsv("f", ["value\n", "a.com\n".repeat(10)], layout, { mostBytes: 20 }),
      "longer than 20 bytes",
    ],
    ["one endless line", () => readList("f", ["x".repeat(100_000)], layout), "a line is longer"],
    ["an error of abuse.ch", async () => readThreatFox("f", { query_status: "unknown_auth_key" }), "unknown_auth_key"],
    ["an answer of another form", async () => readUrlhaus("f", { error: "x" }), "query_status"],
  ])("%s", async (_, read, why) => {
    expect((await read()).incomplete).toContain(why);
  });

  test("text that is no JSON", () => {
    expect([parseBody(""), parseBody(page), parseBody('{"data": [1,')]).toEqual(
      ["empty", "page", "cut short"].map((why) => ({ incomplete: expect.stringContaining(why) })),
    );
    expect(parseBody("\uFEFF{}")).toEqual({ body: {} });
  });

  test("while a feed without news is complete", async () => {
    expect(readThreatFox("f", { query_status: "no_result" })).toEqual({ feed: "f", sightings: [], skipped: [] });
    expect(readFeodo("f", [])).toEqual({ feed: "f", sightings: [], skipped: [] });
    expect(await readList("f", ["# nothing today\n"], layout)).toEqual({ feed: "f", sightings: [], skipped: [] });
  });
});

test("lists come as hosts files, for ad blockers, with comments, in any pieces", async () => {
  const text =
    "\uFEFF# head\r\n0.0.0.0 evil.com # why\r\n127.0.0.1 localhost\r\n||bad.net^\r\n; note\r\n1.2.3.4\t7\r\n\r\n*.worse.org";
  const pieces = [...text].map((character) => Buffer.from(character));
  const { sightings, skipped } = await readList("f", pieces, { type: "Network" });
  expect(sightings.map(({ rawValue }) => rawValue)).toEqual(["evil.com", "bad.net", "1.2.3.4", "*.worse.org"]);
  expect(skipped).toMatchObject([{ rawValue: "localhost", reason: "special-name" }]);
});

test("columns of a table are found by name wherever they stand", async () => {
  const layout = FeedSettings.shape.layout
    .unwrap()
    .parse({ value: "ioc", lastSeen: "seen", confidence: "sure", separator: ";" });
  const { sightings } = await readCsv(
    "f",
    ['seen;ioc;sure\n2026-03-01 10:00:00;"evil.com";80\nnever;worse.com;high\n'],
    layout,
  );
  expect(sightings).toMatchObject([
    { rawValue: "evil.com", lastSeen: "2026-03-01T10:00:00.000Z", confidence: 80 },
    { rawValue: "worse.com" },
  ]);
  expect(sightings[1]).not.toHaveProperty("confidence");
});

test("a row that cannot be read loses no neighbour", () => {
  const row = {
    id: "1",
    ioc: "2a02:cf40:1::5:40669",
    ioc_type: "ip:port",
    confidence_level: 75,
    first_seen: "2026-03-01 10:00:00 UTC",
  };
  const { sightings, skipped } = readThreatFox("f", {
    query_status: "ok",
    data: [{ id: 1 }, row, null, { ...row, ioc_type: "sha3_384_hash" }],
  });
  expect(sightings).toMatchObject([{ rawValue: "2a02:cf40:1::5:40669", confidence: 75 }]);
  expect(skipped.map(({ reason }) => reason)).toEqual(["not-readable", "not-readable", "hash-type"]);
});

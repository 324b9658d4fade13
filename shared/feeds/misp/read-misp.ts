import { type Reading, readingOf, unreadable } from "../../indicators/sighting.ts";
import { isRefusal } from "../../indicators/skip-reason.ts";
import { strictest, tlpOf } from "../../indicators/tlp.ts";
import type { Severity } from "../../severity.ts";
import { type Entry, skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";
import { mapPattern } from "../stix/map-pattern.ts";
import type { MapOptions } from "../stix/map-term.ts";
import { mappingOf, partOf } from "./attribute-types.ts";
import { MispAttribute, MispEvent, type MispEventFacts } from "./schema.ts";

/**
 * Reads what MISP answers to a search for attributes or events, or a file of a MISP feed: events, or attributes, alone, in a
 * list or wrapped in `response`. Every attribute is judged alone, those of objects too.
 *
 * @param body the JSON of one page
 * @see https://www.circl.lu/doc/misp/automation/
 */
export function readMisp(feed: string, body: unknown, options: MapOptions & { now: Date }): Reading {
  const units = unitsOf(body);
  if (!units) return unreadable(feed, "the answer holds neither events nor attributes");
  return readingOf(
    feed,
    units.flatMap((unit) => [...entriesOfUnit(feed, unit, options)]),
  );
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Events and single attributes of an answer; undefined when it is nothing of the kind. */
function unitsOf(body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (!isFields(body)) return undefined;
  if ("response" in body) return unitsOf(body.response);
  if (isFields(body.Event)) return [body.Event];
  if ("Object" in body || "info" in body) return [body];
  if (Array.isArray(body.Attribute)) return body.Attribute;
  return "type" in body && "value" in body ? [body] : undefined;
}

function* entriesOfUnit(feed: string, unit: unknown, options: MapOptions & { now: Date }): Generator<Entry> {
  const inner = isFields(unit) && isFields(unit.Event) && !("value" in unit) ? unit.Event : unit;
  if (isFields(inner) && "value" in inner) return yield* entriesOfAttribute(feed, inner, undefined, options);
  const event = MispEvent.safeParse(inner).data;
  if (!event) return yield skip(feed, "", "", "not-readable", "neither an event nor an attribute");
  const attributes = [...(event.Attribute ?? []), ...(event.Object ?? []).flatMap(({ Attribute }) => Attribute ?? [])];
  for (const attribute of attributes) yield* entriesOfAttribute(feed, attribute, event, options);
  const proposals = [
    ...(event.ShadowAttribute ?? []),
    ...(event.Object ?? []).flatMap(({ ShadowAttribute }) => ShadowAttribute ?? []),
  ];
  for (const proposal of proposals) yield asProposal(feed, proposal);
}

function asProposal(feed: string, proposal: unknown): Entry {
  const { uuid = "", value = "" } = MispAttribute.safeParse(proposal).data ?? {};
  return skip(feed, uuid, value, "proposal");
}

function* entriesOfAttribute(
  feed: string,
  raw: unknown,
  event: MispEventFacts | undefined,
  options: MapOptions & { now: Date },
): Generator<Entry> {
  const { data: attribute, error } = MispAttribute.safeParse(raw);
  if (!attribute) return yield skip(feed, "", "", "not-readable", error?.issues[0]?.message);
  for (const proposal of attribute.ShadowAttribute ?? []) yield asProposal(feed, proposal);

  const { type, value } = attribute;
  const around = event ?? attribute.Event ?? undefined;
  const sourceId = attribute.uuid ?? attribute.id ?? value;
  const mapping = type === "stix2-pattern" ? undefined : mappingOf(type);
  if (mapping && isRefusal(mapping)) return yield skip(feed, sourceId, value, mapping.reason, mapping.detail);
  if (mapping?.isSource && !options.inbound) return yield skip(feed, sourceId, value, "direction", type);
  if (around?.published === false) return yield skip(feed, sourceId, value, "unpublished");

  const said = { feed, ...factsOf(attribute, around, options.now) };
  if (mapping) {
    return yield {
      ...said,
      sourceId,
      type: mapping.type,
      rawValue: partOf(value, mapping),
      ...(mapping.widened && { widened: true }),
    };
  }
  for (const [at, outcome] of mapPattern(value, "2.1", options).entries()) {
    if (isRefusal(outcome)) yield skip(feed, `${sourceId}#${at}`, value, outcome.reason, outcome.detail);
    else {
      const { start: _start, stop, ...anchor } = outcome;
      yield { ...said, sourceId: `${sourceId}#${at}`, ...anchor, ...told({ validUntil: feedTime(stop) }) };
    }
  }
}

const FALSE_POSITIVE = "1";
const EXPIRATION = "2";

function factsOf(attribute: MispAttribute, event: MispEventFacts | undefined, now: Date) {
  const tags = [...(attribute.Tag ?? []), ...(event?.Tag ?? [])].map(({ name }) => name);
  const own = strictest(
    (attribute.Tag ?? []).map(({ name }) => tlpOf(name.toLowerCase().startsWith("tlp:") ? name : "")),
  );
  const ofEvent = strictest(
    (event?.Tag ?? []).map(({ name }) => tlpOf(name.toLowerCase().startsWith("tlp:") ? name : "")),
  );
  const sightings = attribute.Sighting ?? [];
  const isOver = sightings.some(
    ({ type, date_sighting }) =>
      type === FALSE_POSITIVE || (type === EXPIRATION && (feedTime(date_sighting) ?? "") <= now.toISOString()),
  );
  const isWithdrawn = !attribute.to_ids || attribute.deleted === true || isOver;
  return told({
    tlp: own ?? ofEvent,
    firstSeen: feedTime(attribute.first_seen),
    lastSeen: feedTime(attribute.last_seen) ?? feedTime(attribute.timestamp),
    confidence: confidenceOf(tags) ?? confidenceOfEvent(event),
    severity: SEVERITIES[event?.threat_level_id ?? ""],
    sightings: sightings.filter(({ type }) => type === "0").length || undefined,
    // Switched off, deleted, or told to be harmless: where it was in use, it goes.
    revoked: isWithdrawn ? (true as const) : undefined,
  });
}

const SEVERITIES: Record<string, Severity> = { "1": "High", "2": "Medium", "3": "Low" };

const CONFIDENCE: Record<string, number> = {
  "completely-confident": 100,
  "usually-confident": 75,
  "fairly-confident": 50,
  "rarely-confident": 25,
  unconfident: 0,
  "confidence-cannot-be-evaluated": 50,
};

function confidenceOf(tags: readonly string[]): number | undefined {
  const [, level] =
    tags.map((tag) => /^misp:confidence-level="([^"]+)"$/.exec(tag)).find((match) => match !== null) ?? [];
  return CONFIDENCE[level ?? ""];
}

/** What the authors of an event think of it as a whole, where they say nothing of the attribute. */
function confidenceOfEvent(event: MispEventFacts | undefined): number | undefined {
  switch (event?.threat_level_id) {
    case "1":
      return event.analysis === "2" ? 75 : 60;
    case "2":
      return 60;
    case "3":
      return 40;
    case undefined:
    case null:
      return undefined;
    default:
      return 30;
  }
}

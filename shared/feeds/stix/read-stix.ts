import { z } from "zod";
import { type Reading, readingOf } from "../../indicators/sighting.ts";
import { isRefusal } from "../../indicators/skip-reason.ts";
import { strictest, type Tlp, tlpOf, tlpOfMarking } from "../../indicators/tlp.ts";
import { type Entry, skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";
import { mapPattern } from "./map-pattern.ts";
import type { MapOptions } from "./map-term.ts";

/** @see https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_muftrcpnf89v */
const StixIndicator = z.looseObject({
  type: z.literal("indicator"),
  id: z.string(),
  spec_version: z.string().optional(),
  modified: z.string().default(""),
  pattern: z.string(),
  pattern_type: z.string().optional(),
  valid_from: z.string().optional(),
  valid_until: z.string().nullish(),
  confidence: z.number().min(0).max(100).nullish(),
  revoked: z.boolean().nullish(),
  object_marking_refs: z.array(z.string()).nullish(),
  granular_markings: z
    .array(z.looseObject({ marking_ref: z.string().optional(), selectors: z.array(z.string()) }))
    .nullish(),
});
type StixIndicator = z.infer<typeof StixIndicator>;

const Marking = z.looseObject({ id: z.string(), definition: z.looseObject({ tlp: z.string() }) });

/**
 * Reads the indicators among STIX 2.1 or 2.0 objects, as a TAXII collection or a bundle holds them. Other objects are passed
 * over; of several versions of one indicator the newest counts.
 *
 * @param incomplete why the objects are not all there are
 */
export function readStix(
  feed: string,
  objects: readonly unknown[],
  options: MapOptions & { now: Date },
  incomplete?: string,
): Reading {
  const entries: Entry[] = [];
  const newest = new Map<string, StixIndicator>();
  const markings = new Map<string, Tlp>();
  for (const [at, object] of objects.entries()) {
    if (!isOf(object, "indicator")) {
      const marking = Marking.safeParse(object).data;
      const tlp = marking && tlpOf(marking.definition.tlp);
      if (tlp) markings.set(marking.id, tlp);
      continue;
    }
    const { data, error } = StixIndicator.safeParse(object);
    if (!data) {
      entries.push(
        skip(feed, String((object as { id?: unknown }).id ?? at), "", "not-readable", error?.issues[0]?.message),
      );
      continue;
    }
    const other = newest.get(data.id);
    const isOlder = other !== undefined && other.modified > data.modified;
    const dropped = isOlder ? data : other;
    if (dropped) entries.push(skip(feed, dropped.id, dropped.pattern, "superseded", dropped.modified));
    if (!isOlder) newest.set(data.id, data);
  }
  for (const indicator of newest.values()) {
    for (const entry of entriesOf(feed, indicator, markings, options)) entries.push(entry);
  }
  return readingOf(feed, entries, incomplete);
}

const isOf = (object: unknown, type: string): boolean =>
  typeof object === "object" && object !== null && (object as { type?: unknown }).type === type;

function* entriesOf(
  feed: string,
  indicator: StixIndicator,
  markings: ReadonlyMap<string, Tlp>,
  options: MapOptions & { now: Date },
): Generator<Entry> {
  const { id, pattern, pattern_type = "stix", spec_version, modified } = indicator;
  if (pattern_type !== "stix") return yield skip(feed, id, pattern, "pattern-type", pattern_type);
  const firstSeen = feedTime(indicator.valid_from);
  if (firstSeen && Date.parse(firstSeen) > options.now.getTime())
    return yield skip(feed, id, pattern, "not-valid-yet", firstSeen);

  const validUntil = feedTime(indicator.valid_until);
  const version = spec_version === undefined && indicator.pattern_type === undefined ? "2.0" : "2.1";
  const outcomes = mapPattern(pattern, version, options);
  for (const [at, outcome] of outcomes.entries()) {
    const sourceId = outcomes.length > 1 ? `${id}#${at}` : id;
    if (isRefusal(outcome)) {
      yield skip(feed, sourceId, pattern, outcome.reason, outcome.detail);
      continue;
    }
    const { start, stop, ...value } = outcome;
    if (start && Date.parse(start) > options.now.getTime()) {
      yield skip(feed, sourceId, pattern, "not-valid-yet", start);
      continue;
    }
    const end = [validUntil, feedTime(stop)].filter((time) => time !== undefined).sort()[0];
    yield {
      feed,
      sourceId,
      ...value,
      ...told({
        firstSeen,
        lastSeen: feedTime(modified),
        validUntil: end,
        confidence: indicator.confidence ?? undefined,
        tlp: tlpOfIndicator(indicator, markings),
        revoked: indicator.revoked ? (true as const) : undefined,
      }),
    };
  }
}

/** The strictest mark on the object, or on what of it would be shown. */
function tlpOfIndicator(
  { object_marking_refs, granular_markings }: StixIndicator,
  markings: ReadonlyMap<string, Tlp>,
): Tlp | undefined {
  const granular = (granular_markings ?? []).filter(({ selectors }) =>
    selectors.some((selector) => ["pattern", "name", "description"].includes(selector)),
  );
  const refs = [...(object_marking_refs ?? []), ...granular.flatMap(({ marking_ref }) => marking_ref ?? [])];
  return strictest(refs.map((ref) => markings.get(ref) ?? tlpOfMarking(ref)));
}

import { z } from "zod";

/** MISP writes numbers as text, and truth now as `true`, now as `1` or `"1"`. */
const Flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => value === true || value === 1 || value === "1");
const Text = z.union([z.string(), z.number()]).transform(String);

const Tag = z.looseObject({ name: z.string() });
const Sighting = z.looseObject({ type: Text, date_sighting: Text.nullish() });

export const MispEventFacts = z.looseObject({
  uuid: z.string().optional(),
  published: Flag.optional(),
  threat_level_id: Text.nullish(),
  analysis: Text.nullish(),
  Tag: z.array(Tag).nullish(),
});
export type MispEventFacts = z.infer<typeof MispEventFacts>;

/** @see https://www.misp-standard.org/rfc/misp-standard-core.html */
export const MispAttribute = z.looseObject({
  uuid: z.string().optional(),
  id: Text.nullish(),
  type: z.string(),
  value: z.string(),
  to_ids: Flag.default(false),
  deleted: Flag.optional(),
  timestamp: Text.nullish(),
  first_seen: z.string().nullish(),
  last_seen: z.string().nullish(),
  Tag: z.array(Tag).nullish(),
  Sighting: z.array(Sighting).nullish(),
  ShadowAttribute: z.array(z.unknown()).nullish(),
  Event: MispEventFacts.nullish(),
});
export type MispAttribute = z.infer<typeof MispAttribute>;

const Attributes = { Attribute: z.array(z.unknown()).nullish(), ShadowAttribute: z.array(z.unknown()).nullish() };

export const MispEvent = MispEventFacts.extend({
  ...Attributes,
  Object: z.array(z.looseObject(Attributes)).nullish(),
});
export type MispEvent = z.infer<typeof MispEvent>;

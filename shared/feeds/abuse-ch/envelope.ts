import { z } from "zod";

const Envelope = z.looseObject({
  query_status: z.string(),
  data: z.union([z.array(z.unknown()), z.string()]).nullish(),
  urls: z.array(z.unknown()).nullish(),
});

/**
 * The rows of an answer of abuse.ch. Errors come with HTTP 200 too and are told in `query_status`; a feed without news says
 * so there.
 *
 * @see https://threatfox.abuse.ch/api/
 */
export function rowsOfAnswer(body: unknown): { rows: unknown[] } | { incomplete: string } {
  if (Array.isArray(body)) return { rows: body };
  const { data } = Envelope.safeParse(body);
  if (!data) return { incomplete: "the answer has no query_status" };
  const rows = data.urls ?? data.data;
  if (data.query_status === "ok" && Array.isArray(rows)) return { rows };
  if (/^no_results?$/.test(data.query_status)) return { rows: [] };
  return { incomplete: `abuse.ch answered ${data.query_status.slice(0, 100)}` };
}

import type { z } from "zod";
import { PermanentError } from "../errors.ts";

/** Whose interface a call belongs to. Each has a host and a token audience of its own. */
export type Service = "defender" | "xdr" | "graph";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** The names between braces in a path: `"machineId"` in `/api/machines/{machineId}`. */
export type IdNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | IdNames<Rest>
  : never;

/** One call of the Defender interfaces, as data: what it needs, what limits it, and where it is documented. */
export interface Call<Path extends string = string, Answer extends z.ZodType = z.ZodType> {
  /** As people find it, e.g. `machines.isolate`. */
  name: string;
  service: Service;
  method: Method;
  /** Parts in braces are filled in, encoded, by `send`. */
  path: Path;
  /** Application permissions of which one is enough; the first is the one to grant. */
  permissions: readonly string[];
  /** Microsoft's page about it: the end of its address. */
  page: string;
  /** The calls that share a limit. @default the page, as limits are stated and counted per page */
  group: string;
  /** Whether no step reserves a call of its own: one request answers many steps at once, or hardly any step makes it. */
  shared?: true;
  /** How long Defender may take, where that is longer than usual. */
  timeoutSeconds?: number;
  /** What the call needs beside its token, e.g. a `prefer` of Graph. */
  headers?: Readonly<Record<string, string>>;
  answer: Answer;
}

type Declaration<Path extends string, Answer extends z.ZodType> = Omit<Call<Path, Answer>, "service" | "group"> &
  Partial<Pick<Call, "service" | "group">>;

/** Declares a call; it belongs to Defender for Endpoint, and to the limit of its page, unless it says otherwise. */
export const defineCall = <Path extends string, Answer extends z.ZodType>(
  call: Declaration<Path, Answer>,
): Call<Path, Answer> => ({ service: "defender", group: call.page, ...call });

const PAGES: Record<Service, string> = {
  defender: "https://learn.microsoft.com/en-us/defender-endpoint/api/",
  xdr: "https://learn.microsoft.com/en-us/defender-xdr/",
  graph: "https://learn.microsoft.com/en-us/graph/api/",
};

/** The address of Microsoft's page about a call. */
export const addressOfPage = ({ service, page }: Call): string => PAGES[service] + page;

/**
 * The path of one request, each id encoded. Inside an OData text, between quotes, a quote is doubled.
 *
 * @throws PermanentError `InvalidInput` for an id that would be read as a step in the path, as `..` is however it is encoded, or as nothing
 */
export function fillPath(path: string, ids: Readonly<Record<string, string | number>> = {}): string {
  return path.replaceAll(/('?)\{(\w+)\}/g, (_, quote: string, name: string) => {
    const value = String(ids[name]);
    if (/^\.{0,2}$/.test(value)) throw new PermanentError("InvalidInput", `"${value}" is no ${name}`);
    return quote + encodeURIComponent(quote ? value.replaceAll("'", "''") : value);
  });
}

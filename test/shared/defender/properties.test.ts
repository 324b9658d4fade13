import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillPath } from "../../../shared/defender/call.ts";
import { and, eq, instant, isOneOf, ne, or, startsWith } from "../../../shared/defender/odata/filter.ts";
import { retryAfterMs } from "../../../shared/defender/retry-after.ts";
import { PermanentError } from "../../../shared/errors.ts";

fc.configureGlobal({ seed: 20260105, numRuns: 500 });

/** Any UTF-16 text, half surrogates included, with more of what has a meaning in OData and in addresses. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...[..."''\"%&?#/\\. ()+"].map(codeOf))))
  .map((codes) => String.fromCharCode(...codes));

function codeOf(character: string): number {
  return character.charCodeAt(0);
}

/**
 * Takes the texts out of a filter as OData reads them: from a quote to the next one that is not doubled. Knows nothing of
 * how filters are made.
 */
function readTexts(filter: string): { skeleton: string; texts: string[] } {
  const texts: string[] = [];
  let skeleton = "";
  for (let at = 0; at < filter.length; at++) {
    if (filter[at] !== "'") {
      skeleton += filter[at];
      continue;
    }
    let text = "";
    for (at++; filter[at] !== "'" || filter[at + 1] === "'"; at++) {
      if (at >= filter.length) throw new Error(`A text does not end: ${filter}`);
      if (filter[at] === "'") at++;
      text += filter[at];
    }
    texts.push(text);
    skeleton += "$";
  }
  return { skeleton, texts };
}

describe("a filter", () => {
  test("gives back every text it was made with, and nothing of a text stands outside its quotes", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (one, two, three) => {
        const filter = and(eq("status", one), or(ne("title", two), startsWith("name", three)));
        const { skeleton, texts } = readTexts(filter.text);
        expect(texts).toEqual([one, two, three]);
        // Brackets may be more than needed where a text looks like a condition; they change nothing.
        expect(skeleton.replace(/^\((status eq \$)\)/, "$1")).toBe(
          "status eq $ and (title ne $ or startswith(name,$))",
        );
      }),
    );
  });

  test("asks for one of many values by one condition each", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (values) => {
        const { skeleton, texts } = readTexts(isOneOf("type", values).text);
        expect(texts).toEqual(values);
        expect(skeleton.replaceAll(/[()]/g, "").split(" or ")).toEqual(values.map(() => "type eq $"));
      }),
    );
  });
});

describe("a time in a filter", () => {
  const secondsOf = fc
    .date({ min: new Date("1970-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 19));
  const fraction = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }).map((all) => all.join(""));

  test("is passed on to the last of seven digits, and refused with more", () => {
    fc.assert(
      fc.property(secondsOf, fraction, (seconds, digits) => {
        const time = `${seconds}.${digits}Z`;
        if (digits.length <= 7) expect(instant(time).instant).toBe(time);
        else expect(() => instant(time)).toThrow(PermanentError);
      }),
    );
  });

  test("is a time or refused, as it stands without quotes", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, secondsOf), anyText, (start, end) => {
        expect(() => instant(start + end)).toThrow(PermanentError);
      }),
    );
  });
});

describe("a path", () => {
  const id = fc.oneof(anyText, fc.constantFrom("", ".", "..", "%2e%2e", "a/../b", "?x=1", "#", "//host", "\\..\\"));

  test.each([
    "/api/machines/{id}",
    "/api/machines/{id}/isolate",
    "/api/machineactions/{id}/GetLiveResponseResultDownloadLink(index={id})",
    "/api/machines/findbyip(ip='{id}')",
  ])("%s keeps its shape whatever the id, or the id is refused", (template) => {
    fc.assert(
      fc.property(id, (given) => {
        let filled: string;
        try {
          filled = fillPath(template, { id: given });
        } catch (error) {
          // Half a surrogate pair has no encoding, and a step in the path no meaning as an id.
          expect(["URIError", "PermanentError"]).toContain((error as Error).name);
          expect(given.isWellFormed() && !["", ".", ".."].includes(given)).toBe(false);
          return;
        }
        const url = new URL(`https://defender.example${filled}`);
        expect([url.search, url.hash, url.host]).toEqual(["", "", "defender.example"]);
        expect(url.pathname.split("/")).toHaveLength(template.split("/").length);
      }),
    );
  });

  test("the service reads the id that was given", () => {
    fc.assert(
      fc.property(
        id.filter((given) => given.isWellFormed() && !["", ".", ".."].includes(given)),
        (given) => {
          const { pathname } = new URL(fillPath("/api/files/{id}/stats", { id: given }), "https://defender.example");
          expect(decodeURIComponent(pathname.split("/")[3] as string)).toBe(given);
        },
      ),
    );
  });
});

describe("the wait that a 429 asks for", () => {
  const HOUR_MS = 3_600_000;
  const now = Date.parse("2026-01-05T09:00:00Z");
  const headers = (retryAfter: string, date?: string) =>
    new Headers({ "retry-after": retryAfter, ...(date && { date }) });
  const httpDate = (ms: number) => new Date(ms).toUTCString();
  const offset = fc.integer({ min: -10 * HOUR_MS, max: 10 * HOUR_MS }).map((ms) => Math.trunc(ms / 1000) * 1000);

  const isBearable = (ms: number) => expect(ms >= 0 && ms <= HOUR_MS, `${ms}`).toBe(true);

  test("is never below nothing and never above an hour, whatever the headers say", () => {
    const printable = fc.string({ unit: "grapheme-ascii" });
    const header = fc.oneof(
      printable,
      fc.bigInt().map(String),
      offset.map((ms) => httpDate(now + ms)),
    );
    fc.assert(
      fc.property(
        header,
        fc.option(
          fc.oneof(
            printable,
            offset.map((ms) => httpDate(now + ms)),
          ),
        ),
        (given, date) => {
          isBearable(retryAfterMs(headers(given, date ?? undefined), now));
        },
      ),
    );
  });

  test("is the seconds that are given, at least one, with and without a date", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3_600 }), fc.option(offset), (seconds, date) => {
        const given = headers(String(seconds), date === null ? undefined : httpDate(now + date));
        expect(retryAfterMs(given, now)).toBe(Math.max(1, seconds) * 1000);
      }),
    );
  });

  test("runs to the date that is given, by the service's clock where it is told, else by ours", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3_600 }), offset, (seconds, clockIsOff) => {
        const serviceNow = now + clockIsOff;
        const told = headers(httpDate(serviceNow + seconds * 1000), httpDate(serviceNow));
        expect(retryAfterMs(told, now)).toBe(Math.max(1, seconds) * 1000);
        expect(retryAfterMs(headers(httpDate(now + seconds * 1000)), now)).toBe(Math.max(1, seconds) * 1000);
      }),
    );
  });
});

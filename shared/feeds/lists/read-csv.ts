import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { messageOf } from "../../errors.ts";
import { type Reading, readingOf } from "../../indicators/sighting.ts";
import type { Layout } from "../../indicators/sync-settings.ts";
import { type Entry, skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";
import { CutShort, type Limits, linesOf, type TextPieces } from "./lines.ts";

/** Rows of a table: columns by name where it has a header, and always by number. */
export type Row = (column: string | number) => string | undefined;

interface TableOptions {
  separator: string;
  header: boolean;
}

/**
 * Reads a table row by row. A header may itself be a comment: the last commented line before the first row counts when it has
 * as many columns.
 *
 * @param entryOf what a row comes to; nothing if it is not about a value
 */
export async function readTable(
  feed: string,
  text: TextPieces,
  { separator, header }: TableOptions,
  entryOf: (row: Row, sourceId: string) => Entry | undefined,
  limits: Limits = {},
): Promise<Reading> {
  const entries: Entry[] = [];
  let names: string[] | undefined;
  let comment: string | undefined;
  const rows = async function* () {
    for await (const line of linesOf(text, limits)) {
      if (line.startsWith("#")) comment = line.slice(1).trim();
      else if (line.trim() !== "") yield `${line}\n`;
    }
  };
  const options = {
    delimiter: separator,
    relax_column_count: true,
    relax_quotes: true,
    trim: true,
    max_record_size: 64 * 1024,
  };
  // Unlike pipe(), compose() hands on what goes wrong while the text comes in.
  const parser = Readable.from(rows()).compose(parse(options));
  try {
    let number = 0;
    for await (const cells of parser as AsyncIterable<string[]>) {
      number += 1;
      if (header && names === undefined) {
        const commented = comment?.split(separator).map((name) => name.trim().replace(/^"|"$/g, ""));
        names = commented?.length === cells.length ? commented : cells;
        if (names === cells) continue;
      }
      const row: Row = (column) => cells[typeof column === "number" ? column : (names ?? []).indexOf(column)];
      const entry = entryOf(row, `row ${number}`);
      if (entry) entries.push(entry);
    }
  } catch (error) {
    if (error instanceof CutShort || error instanceof CsvError) return readingOf(feed, entries, messageOf(error));
    throw error;
  }
  return readingOf(feed, entries);
}

/** Reads a table whose columns the settings name. */
export const readCsv = (feed: string, text: TextPieces, layout: Layout, limits: Limits = {}): Promise<Reading> =>
  readTable(
    feed,
    text,
    layout,
    (row, sourceId) => {
      const rawValue = row(layout.value);
      if (rawValue === undefined) return skip(feed, sourceId, "", "not-readable", `there is no column ${layout.value}`);
      const confidence = layout.confidence === undefined ? Number.NaN : Number.parseFloat(row(layout.confidence) ?? "");
      return {
        feed,
        sourceId,
        type: layout.type,
        rawValue,
        ...told({
          firstSeen: layout.firstSeen === undefined ? undefined : feedTime(row(layout.firstSeen)),
          lastSeen: layout.lastSeen === undefined ? undefined : feedTime(row(layout.lastSeen)),
          confidence: confidence >= 0 && confidence <= 100 ? confidence : undefined,
        }),
      };
    },
    limits,
  );

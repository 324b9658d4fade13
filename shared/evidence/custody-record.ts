import { createHash } from "node:crypto";
import { z } from "zod";
import { Piece } from "./piece.ts";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const happened = { at: z.iso.datetime(), by: z.string() };
const why = { ...happened, reason: z.string() };

/** One thing that happened to a piece of evidence. */
export const CustodyEntry = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("stored"),
    ...happened,
    piece: Piece,
    bytes: z.number(),
    sha256: Sha256,
    /** When it was there whole, by the clock of the storage service. */
    storedAt: z.iso.datetime(),
    /** Absent: without end. */
    keepUntil: z.iso.datetime().optional(),
    /** Who refuses to change or remove it before that. */
    keptBy: z.enum(["blob service", "app"]),
  }),
  z.object({
    event: z.literal("verified"),
    ...happened,
    outcome: z.enum(["same", "differs", "missing"]),
    sha256: Sha256.optional(),
  }),
  z.object({ event: z.literal("read"), ...why }),
  z.object({ event: z.literal("held"), ...why }),
  z.object({ event: z.literal("unheld"), ...why }),
  z.object({ event: z.literal("purged"), ...why }),
]);
export type CustodyEntry = z.infer<typeof CustodyEntry>;
export type StoredEntry = Extract<CustodyEntry, { event: "stored" }>;

/** The chain of custody of one piece, as it was read. */
export interface CustodyRecord {
  entries: CustodyEntry[];
  /** The hash of the last line: the next one carries it. */
  head: string;
  /** Where the record is not as it was written; empty when all of it is. */
  problems: string[];
}

const NOTHING_BEFORE = "0".repeat(64);

export const emptyRecord = (): CustodyRecord => ({ entries: [], head: NOTHING_BEFORE, problems: [] });

/**
 * An entry as one line of a record. It carries the hash of the line before and its own: the SHA-256 of the line up to
 * `,"hash"`, with a closing brace, so that a record can be checked by hand.
 */
export function lineOf(entry: CustodyEntry, previous: string): string {
  const text = JSON.stringify({ ...entry, previous });
  return `${text.slice(0, -1)},"hash":"${sha256Of(text)}"}\n`;
}

/** Reads a record and checks every link of its chain. What cannot be read is named and passed by, never fatal. */
export function readRecord(text: string): CustodyRecord {
  const record = emptyRecord();
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const [, said = "", hash = ""] = /^(.*),"hash":"([0-9a-f]{64})"\}$/.exec(line) ?? [];
    const parsed = parse(`${said}}`);
    const where = `Entry ${index + 1} of the custody record`;
    if (!parsed) record.problems.push(`${where} cannot be read.`);
    else {
      record.entries.push(parsed.entry);
      if (sha256Of(`${said}}`) !== hash) record.problems.push(`${where} was changed after it was written.`);
      if (parsed.previous !== record.head) record.problems.push(`${where} does not follow the one before it.`);
    }
    record.head = hash || sha256Of(line);
  }
  return record;
}

function parse(text: string): { entry: CustodyEntry; previous: unknown } | undefined {
  try {
    const said = JSON.parse(text) as { previous?: unknown };
    const entry = CustodyEntry.safeParse(said);
    return entry.success ? { entry: entry.data, previous: said.previous } : undefined;
  } catch {
    return undefined;
  }
}

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What follows from the entries of a record, the later ones over the earlier. */
export interface Standing {
  stored: StoredEntry | undefined;
  isHeld: boolean;
  purgedAt: string | undefined;
}

export function standingOf({ entries }: CustodyRecord): Standing {
  const standing: Standing = { stored: undefined, isHeld: false, purgedAt: undefined };
  for (const entry of entries) {
    if (entry.event === "stored") standing.stored ??= entry;
    if (entry.event === "held") standing.isHeld = true;
    if (entry.event === "unheld") standing.isHeld = false;
    if (entry.event === "purged") standing.purgedAt = entry.at;
  }
  return standing;
}

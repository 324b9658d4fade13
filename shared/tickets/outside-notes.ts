import type { LazyTable } from "../storage/lazy-table.ts";
import { TicketSystemUnavailable } from "./json-client.ts";
import { hashOf, LONGEST_REQUEST_MS, LONGEST_TEXT, type TicketSystem } from "./outside-ticket-store.ts";
import type { TicketNote } from "./ticket.ts";

const NOTE_ROW = "note-";

/**
 * `adding`: a step is at it. `tried`: one was, and does not know what came of it. Absent: it is there. Rows of earlier
 * builds are all of notes that are there.
 */
type NoteRow = TicketNote & { state?: "adding" | "tried" };

export type OutsideNotes = ReturnType<typeof createOutsideNotes>;

/**
 * Notes on tickets in a system outside. A row of ours says that a note is being added before it is, so that of several
 * steps that add the same note at once one does; who comes after one that has failed looks for it first.
 */
export function createOutsideNotes(
  system: Pick<TicketSystem, "hasNote" | "addNote">,
  table: Pick<LazyTable, "get" | "change" | "ofPartition">,
  now: () => Date,
) {
  /** @returns what to do about a note; throws while another step is at it */
  async function begin(partitionKey: string, rowKey: string, note: TicketNote): Promise<"add" | "look" | "done"> {
    const adding = { partitionKey, rowKey, ...note, state: "adding" };
    if (await table.change([{ insert: adding }])) return "add";
    const row = await table.get<NoteRow>(partitionKey, rowKey);
    if (row && !row.state) return "done";
    const isOver = row?.state === "tried" || now().getTime() - Date.parse(row?.at ?? "") > LONGEST_REQUEST_MS;
    if (row && isOver && (await table.change([{ replace: adding, etag: row.etag }]))) return "look";
    throw new TicketSystemUnavailable("The note is being added by another step, and is looked for again", {});
  }

  return {
    async add(partitionKey: string, ref: string, { key, text }: Pick<TicketNote, "key" | "text">): Promise<void> {
      const rowKey = NOTE_ROW + hashOf(key);
      const mark = `note-${hashOf(key)}`;
      const note = { key, text: text.slice(0, LONGEST_TEXT), at: now().toISOString() };
      const toDo = await begin(partitionKey, rowKey, note);
      if (toDo === "done") return;
      const settle = (row: NoteRow) => table.change([{ upsert: { partitionKey, rowKey, ...row } }]);
      try {
        if (toDo === "add" || !(await system.hasNote(ref, mark))) await system.addNote(ref, text, mark);
      } catch (error) {
        await settle({ ...note, state: "tried" });
        throw error;
      }
      await settle(note);
    },

    /** Those that are there, the first one first. */
    async all(partitionKey: string): Promise<TicketNote[]> {
      const rows = await table.ofPartition<NoteRow & { rowKey: string }>(partitionKey, { prefix: NOTE_ROW });
      return rows
        .filter(({ rowKey, state }) => rowKey.startsWith(NOTE_ROW) && !state)
        .map(({ key, text, at }) => ({ key, text, at }))
        .sort((one, other) => one.at.localeCompare(other.at));
    },
  };
}

import { expect, test } from "vitest";
import { type Piece, type Place, readLines } from "../../../../shared/sources/storage-export/read-lines.ts";
import { seededRandom } from "../../../helpers/random.ts";

const BEGINNING: Place = { offset: 0, isInLongLine: false };

/** All that is read of a text, and the most that was asked for at once. */
async function readAll(text: string, { from = BEGINNING, longestLine = 20, pieceSize = 32 } = {}) {
  const bytes = Buffer.from(text);
  let most = 0;
  const read = async (offset: number, count: number) => {
    most = Math.max(most, count);
    return bytes.subarray(offset, offset + count);
  };
  const pieces: Piece[] = [];
  for await (const piece of readLines({ read, from, size: bytes.length, longestLine, pieceSize })) pieces.push(piece);
  const all = (kind: "lines" | "tooLong") =>
    pieces.flatMap((piece) => piece[kind].map((line) => [line.offset, Buffer.from(line.bytes).toString()]));
  return { lines: all("lines"), tooLong: all("tooLong"), next: pieces.at(-1)?.next ?? from, most };
}

test("gives each line with its place, whichever line ends it has, and leaves out blank ones", async () => {
  const { lines, next } = await readAll("one\r\n\r\n \ntwo\nthree\r\n");

  expect(lines).toEqual([
    [0, "one"],
    [9, "two"],
    [13, "three"],
  ]);
  expect(next).toEqual({ offset: 20, isInLongLine: false });
});

test("holds back a last line without an end, and reads it from its beginning later", async () => {
  const first = await readAll("one\r\ntw");
  const second = await readAll("one\r\ntwo\r\n", { from: first.next });

  expect(first).toMatchObject({ lines: [[0, "one"]], next: { offset: 5 } });
  expect(second.lines).toEqual([[5, "two"]]);
});

test("holds back the whole text while it has no line end", async () => {
  expect(await readAll("unfinished")).toMatchObject({ lines: [], tooLong: [], next: BEGINNING });
});

test("reports a line over the limit once, with its beginning, and goes on with the next", async () => {
  const long = "x".repeat(100);
  const { lines, tooLong, most } = await readAll(`one\n${long}\ntwo\n`);

  expect(lines).toEqual([
    [0, "one"],
    [105, "two"],
  ]);
  expect(tooLong).toHaveLength(1);
  expect(tooLong[0]).toEqual([4, "x".repeat(28)]);
  expect(most).toBe(32);
});

test("comes further in a long line that has no end yet, and knows later that it is in one", async () => {
  const first = await readAll(`one\n${"x".repeat(50)}`);
  const second = await readAll(`one\n${"x".repeat(60)}\ntwo\n`, { from: first.next });

  expect(first).toMatchObject({ tooLong: [[4, "x".repeat(28)]], next: { offset: 54, isInLongLine: true } });
  expect(second).toMatchObject({ lines: [[65, "two"]], tooLong: [] });
});

test("gives the same lines wherever reading is cut off, at any piece size", async () => {
  const random = seededRandom(20260105);
  const words = Array.from({ length: 60 }, (_, index) => `${index}${"-".repeat(Math.floor(random() * 30))}`);
  const text = words.map((word, index) => `${word}${index % 3 === 0 ? "\n" : "\r\n"}`).join("");
  const whole = await readAll(text, { pieceSize: 10_000 });

  for (let round = 0; round < 200; round++) {
    const size = Math.floor(random() * text.length);
    const pieceSize = 22 + Math.floor(random() * 40);
    const before = await readAll(text.slice(0, size), { pieceSize });
    const after = await readAll(text, { from: before.next, pieceSize });
    expect([...before.lines, ...after.lines]).toEqual(whole.lines);
    expect([...before.tooLong, ...after.tooLong].map(([offset]) => offset)).toEqual(
      whole.tooLong.map(([offset]) => offset),
    );
  }
});

import { oneLine, plainText } from "../tickets/plain-text.ts";
import type { Message } from "./channel.ts";

const CUT = " … (cut)";

const LONGEST_TITLE = 200;
const LONGEST_NAME = 60;
const LONGEST_VALUE = 300;

/** A message as it may be shown: nothing in it hides or turns around other text, and it says where it was cut. */
export interface PlainMessage {
  title: string;
  text: string;
  facts: { name: string; value: string }[];
}

/** @param most characters of the text */
export const inPlainText = ({ title, text, facts }: Message, most: number): PlainMessage => ({
  title: oneLine(title, LONGEST_TITLE),
  text: cut(text, most),
  facts: facts.map(({ name, value }) => ({ name: oneLine(name, LONGEST_NAME), value: oneLine(value, LONGEST_VALUE) })),
});

function cut(text: string, most: number): string {
  const clean = plainText(text, Number.POSITIVE_INFINITY).trim();
  return clean.length <= most ? clean : clean.slice(0, Math.max(0, most - CUT.length)).toWellFormed() + CUT;
}

/**
 * The body of a request with as much of the text as there is room for.
 *
 * @param longest characters of the text at most
 */
export function bodyWithin(
  mostBytes: number,
  longest: number,
  message: Message,
  bodyOf: (plain: PlainMessage) => unknown,
): string {
  for (let most = longest; ; most = Math.floor(most / 2)) {
    const body = JSON.stringify(bodyOf(inPlainText(message, most)));
    if (most < CUT.length || Buffer.byteLength(body) <= mostBytes) return body;
  }
}

import { z } from "zod";
import { Machine } from "../../shared/defender/machines/machine.ts";
import { jsonIn, readText, rowsIn } from "./read-json.ts";

/**
 * Reads machines as Defender's API gives them out, by their ids.
 *
 * @throws Error when something in the file is no machine
 */
export function readMachineFile(file: string): ReadonlyMap<string, Machine> {
  const rows = rowsIn(jsonIn(readText(file)));
  const { data, error } = z.array(Machine).min(1).safeParse(rows);
  if (error) throw new Error(`${file} holds no machines as Defender's API gives them: ${z.prettifyError(error)}`);
  return new Map(data.map((machine) => [machine.id, machine]));
}

import { z } from "zod";
import { Alert } from "../../shared/defender/alerts/alert.ts";
import type { DefenderClient } from "../../shared/defender/client.ts";
import { Machine } from "../../shared/defender/machines/machine.ts";
import { type Activity, defineActivity } from "../../shared/playbook.ts";

/** What a step gives back is kept in the run's history, and read again at each of its turns. */
const MOST_CHARACTERS = 40_000;

/** How many rows a list step gives back. */
export const MOST_ROWS = 100;

/** What a playbook needs of a machine in a list. */
export const ListedMachine = Machine.pick({
  id: true,
  computerDnsName: true,
  osPlatform: true,
  lastSeen: true,
  healthStatus: true,
  riskScore: true,
  exposureLevel: true,
  deviceValue: true,
  lastIpAddress: true,
  machineTags: true,
  rbacGroupName: true,
}).strip();

/** What a playbook needs of an alert in a list. */
export const ListedAlert = Alert.pick({
  id: true,
  incidentId: true,
  title: true,
  severity: true,
  status: true,
  classification: true,
  determination: true,
  category: true,
  threatName: true,
  machineId: true,
  computerDnsName: true,
  alertCreationTime: true,
  lastUpdateTime: true,
  assignedTo: true,
}).strip();

/** The first rows of a list. */
export interface FirstRows<Row> {
  rows: Row[];
  /** Whether there are more than these. */
  hasMore: boolean;
}

/** Takes rows off a list until there are enough of them, by number or by length; the rest is not asked for. */
export async function firstRows<Row extends z.ZodType>(
  all: AsyncIterable<unknown> | Iterable<unknown>,
  row: Row,
  atMost = MOST_ROWS,
): Promise<FirstRows<z.output<Row>>> {
  const rows: z.output<Row>[] = [];
  let characters = 0;
  for await (const one of all) {
    const kept = row.parse(one);
    characters += JSON.stringify(kept).length;
    if (rows.length === atMost || characters > MOST_CHARACTERS) return { rows, hasMore: true };
    rows.push(kept);
  }
  return { rows, hasMore: false };
}

/** The output of a step that lists: its first rows. */
export const firstRowsOf = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row), hasMore: z.boolean() });

type Listing<In extends z.ZodType, Row extends z.ZodType> = Pick<
  Activity<In>,
  "name" | "summary" | "calls" | "input"
> & {
  row: Row;
  /** @param atMost no more rows than these need to be asked for */
  list(input: z.output<In>, defender: DefenderClient, atMost: number): AsyncIterable<unknown>;
};

/** An activity that gives back the first rows of a list: 100, or fewer when they are long. */
export const defineListing = <In extends z.ZodType, Row extends z.ZodType>({ row, list, ...about }: Listing<In, Row>) =>
  defineActivity({
    ...about,
    effect: "read",
    repeat: "reads",
    output: firstRowsOf(row),
    // One more than is given back tells whether there are more.
    perform: async (input, { defender }) =>
      (await firstRows(list(input, defender, MOST_ROWS + 1), row)) as z.input<ReturnType<typeof firstRowsOf<Row>>>,
  });

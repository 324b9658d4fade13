import type { LazyTable } from "../storage/lazy-table.ts";
import { Approval, isApprovalId, permits, type Use } from "./approval.ts";

/** The questions to people, and their answers. */
export interface ApprovalStore {
  /** Adds a question unless it is there. Safe to repeat. @returns what is there */
  add(approval: Approval): Promise<Approval>;
  get(id: string): Promise<Approval | undefined>;
  /** Those that can still be answered. */
  open(): Promise<Approval[]>;
  /**
   * Changes a question as it stands now, or not at all.
   *
   * @param change pure, as it is called again when somebody else was first; what it throws leaves all as it was
   * @returns the question afterwards; nothing where there is none
   */
  change(id: string, change: (approval: Approval, now: Date) => Approval): Promise<Approval | undefined>;
  /** The approval that lets a step be taken now, read afresh. */
  findPermitting(id: string, use: Use): Promise<Approval | undefined>;
}

/** People that answer at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 30;

type Row = { state: string };

/** Questions in table storage, one partition per tenant. */
export function createTableApprovalStore(
  table: Pick<LazyTable, "get" | "change" | "ofPartition">,
  tenantId: string,
  now: () => number = Date.now,
): ApprovalStore {
  const toRow = (approval: Approval) => ({
    partitionKey: tenantId,
    rowKey: approval.id,
    status: approval.status,
    state: JSON.stringify(approval),
  });
  const parse = ({ state }: Row): Approval => Approval.parse(JSON.parse(state));
  const read = async (id: string) => (isApprovalId(id) ? table.get<Row>(tenantId, id) : undefined);

  async function get(id: string): Promise<Approval | undefined> {
    const row = await read(id);
    return row && parse(row);
  }

  return {
    get,
    async add(approval) {
      if (await table.change([{ insert: toRow(approval) }])) return approval;
      return (await get(approval.id)) ?? approval;
    },
    async open() {
      const rows = await table.ofPartition<Row>(tenantId, { where: "status eq 'open'" });
      return rows.map(parse).filter(({ expiresAt }) => now() < Date.parse(expiresAt));
    },
    async change(id, change) {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const row = await read(id);
        if (!row) return undefined;
        const before = parse(row);
        const after = change(before, new Date(now()));
        if (after === before) return before;
        if (await table.change([{ replace: toRow(after), etag: row.etag }])) return after;
      }
      throw new Error("The question is changed too often");
    },
    async findPermitting(id, use) {
      const approval = await get(id);
      return approval && permits(approval, use, now()) ? approval : undefined;
    },
  };
}

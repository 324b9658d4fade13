import type { Indicator } from "../../shared/defender/indicators/indicator.ts";
import type { DesiredIndicator } from "../../shared/indicators/desired.ts";
import { type LedgerRow, settled } from "../../shared/indicators/ledger.ts";
import type { Plan } from "../../shared/indicators/plan.ts";

export const APP_ID = "0f0f0f0f-1111-4222-8333-444444444444";

/** A tenant's indicators and the sync's ledger, in memory, with the traps of the real thing. */
export class IndicatorTenant {
  readonly indicators = new Map<string, Indicator>();
  readonly ledger = new Map<string, LedgerRow>();
  #lastId = 0;

  /** Somebody else makes an indicator. */
  addForeign(indicator: Partial<Indicator>): Indicator {
    this.#lastId += 1;
    const made = {
      id: String(this.#lastId),
      createdBy: "a-person",
      sourceType: "User",
      action: "Block",
      title: "By hand",
      ...indicator,
    };
    this.indicators.set(made.id, made);
    return made;
  }

  /** Creates, or changes the one of the same type, value and action, whoever made it: that is the trap. */
  import(wanted: DesiredIndicator): string {
    const same = [...this.indicators.values()].find(
      ({ indicatorType, indicatorValue, action }) =>
        indicatorType === wanted.indicatorType && indicatorValue === wanted.indicatorValue && action === wanted.action,
    );
    this.#lastId += same ? 0 : 1;
    const id = same?.id ?? String(this.#lastId);
    this.indicators.set(id, {
      createdBy: APP_ID,
      sourceType: "AadApp",
      ...same,
      ...wanted,
      lastUpdatedBy: APP_ID,
      id,
    });
    return id;
  }

  /**
   * Carries out a plan step by step, up to `steps` of them; the process dies then, with the last answer lost.
   *
   * @param fails whether Defender refuses to write a key
   */
  carryOut(
    { rows, over, deletes, writes }: Plan,
    now: Date,
    steps = Number.POSITIVE_INFINITY,
    fails = (_key: string) => false,
  ): void {
    if (steps <= 0) return;
    for (const row of rows) this.ledger.set(row.key, row);
    for (const key of over) this.ledger.delete(key);
    let left = steps;
    for (const { key, id, why } of deletes) {
      left -= 1;
      if (left < 0) return;
      this.indicators.delete(id);
      if (left === 0) return;
      if (why !== "replaced" && why !== "double") this.ledger.delete(key);
    }
    for (const { key, indicator } of writes) {
      left -= 1;
      if (left < 0) return;
      const isFailed = fails(key);
      const id = isFailed ? null : this.import(indicator);
      if (left === 0) return;
      const row = this.ledger.get(key);
      if (row) this.ledger.set(key, settled(row, { id, indicator: indicator.indicatorValue, isFailed }, now));
    }
  }

  /** What the tenant has, without ids. */
  state(): string[] {
    return [...this.indicators.values()]
      .map(({ id: _id, ...indicator }) => JSON.stringify(indicator, Object.keys(indicator).sort()))
      .sort();
  }
}

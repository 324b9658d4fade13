import { PermanentError } from "../../errors.ts";
import { nullIfNotFound } from "../error.ts";
import { allOf, type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { indicatorCalls } from "./calls.ts";
import { ImportResult, Indicator, type NewIndicator } from "./indicator.ts";

/** What `$filter` on indicators may name. */
export type IndicatorProperty =
  | "application"
  | "createdByDisplayName"
  | "expirationTime"
  | "generateAlert"
  | "title"
  | "rbacGroupNames"
  | "rbacGroupIds"
  | "indicatorValue"
  | "indicatorType"
  | "creationTimeDateTimeUtc"
  | "createdBy"
  | "action"
  | "severity";

/** The most indicators that one call imports or deletes. */
export const MOST_INDICATORS_AT_ONCE = 500;

/** Tells machines what to watch out for. A tenant holds 15,000 active indicators; machines learn of one after a while. */
export const createIndicators = (send: Send) => {
  /** Those that are active. */
  const list = (query: ListQuery<IndicatorProperty> = {}) =>
    rowsOf(send, indicatorCalls.list, {}, query, { row: Indicator });

  const deleteAtOnce = (ids: readonly string[]) =>
    nullIfNotFound(send(indicatorCalls.batchDelete, { body: { IndicatorIds: ids } }).then(() => "deleted" as const));

  return {
    list,

    /** Creates an indicator, or changes the one of the same value, type and action. */
    submit: (indicator: NewIndicator) => send(indicatorCalls.submit, { body: indicator }),

    /**
     * Creates or changes up to 500 indicators. The call succeeds even when some of them fail.
     *
     * @returns what became of each, in the order given. Results are told apart by value, and where several have the same
     * by their order: where Defender says nothing about one, it counts as failed
     */
    async import(indicators: readonly NewIndicator[]): Promise<ImportResult[]> {
      checkCount(indicators.length);
      const { value } = await send(indicatorCalls.import, { body: { Indicators: indicators } });
      const results = value.flatMap((one) => ImportResult.safeParse(one).data ?? []);
      const take = (isIts: (result: ImportResult) => boolean) => {
        const at = results.findIndex(isIts);
        return at < 0 ? undefined : results.splice(at, 1)[0];
      };
      // Addresses may come back in other letters, but not before those that came back as they were sent.
      const exact = indicators.map(({ indicatorValue }) => take(({ indicator }) => indicator === indicatorValue));
      return indicators.map(
        ({ indicatorValue }, at) =>
          exact[at] ??
          take(({ indicator }) => indicator.toLowerCase() === indicatorValue.toLowerCase()) ?? {
            indicator: indicatorValue,
            isFailed: true,
            failureReason: "Defender did not say what became of it",
          },
      );
    },

    /** @throws DefenderNotFoundError when there is no such indicator */
    delete: (indicatorId: string) => send(indicatorCalls.delete, { ids: { indicatorId } }),

    /**
     * Deletes up to 500 indicators. Defender refuses all of them when it does not know one, so those that are gone are
     * then left out.
     *
     * @returns how many there were still to delete
     */
    async batchDelete(indicatorIds: readonly string[]): Promise<number> {
      checkCount(indicatorIds.length);
      if (indicatorIds.length === 0 || (await deleteAtOnce(indicatorIds))) return indicatorIds.length;

      const active = new Set((await allOf(list())).map(({ id }) => id));
      const left = indicatorIds.filter((id) => active.has(id));
      if (left.length > 0) await send(indicatorCalls.batchDelete, { body: { IndicatorIds: left } });
      return left.length;
    },
  };
};

function checkCount(count: number): void {
  if (count > MOST_INDICATORS_AT_ONCE) {
    throw new PermanentError(
      "InvalidInput",
      `Defender takes ${MOST_INDICATORS_AT_ONCE} indicators at once, not ${count}`,
    );
  }
}

/**
 * Does all of the work, some of it at a time, whatever fails of it.
 *
 * @param most how much of it at a time
 * @throws AggregateError with every failure, when all was tried
 */
export async function atOnce(most: number, work: readonly (() => Promise<unknown>)[], failed: string): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    for (let task = work[next++]; task; task = work[next++]) {
      await task().catch((error: unknown) => void failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, work.length) }, worker));
  if (failures.length > 0) throw new AggregateError(failures, failed);
}

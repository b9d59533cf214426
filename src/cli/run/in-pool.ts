/** Does the work for each item, so many at a time. One that throws stops no other; the first error is thrown in the end. */
export async function inPool<T, R>(items: readonly T[], size: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const errors: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try { results[index] = await work(items[index], index); } catch (error) { errors.push(error); }
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker));
  if (errors.length > 0) { throw errors[0]; }
  return results;
}

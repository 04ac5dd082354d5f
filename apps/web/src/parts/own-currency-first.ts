interface Sums {
  readonly sums: readonly { readonly currency: string }[] | null;
}

/** Totals with the company's own currency first: it is the one that the totals row writes out. */
export function ownCurrencyFirst<input, call, answer extends Sums>(
  currency: string,
  summary: (input: input, call: call) => Promise<answer>,
): (input: input, call: call) => Promise<answer> {
  const isOwn = (sum: { readonly currency: string }) => sum.currency === currency;
  return async (input, call) => {
    const answer = await summary(input, call);
    const sums = answer.sums?.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a))) ?? null;
    return { ...answer, sums };
  };
}

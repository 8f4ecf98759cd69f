/** Something that ends the demo, told to the person who started it: what is wrong, and what to do. */
export class DemoProblem extends Error {
  override readonly name = 'DemoProblem';

  /** @param advice what to do about it, a sentence */
  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** What a failure says of itself, the cause of a failed `fetch` included. */
export function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  const { cause } = failure;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== '' ? cause.message : failure.message;
}

import { describe, it } from '@jest/globals';

/** Something that a suite needs beside Node, or why it is missing, in words that complete «because …». */
export type Here = { readonly available: true } | { readonly available: false; readonly reason: string };

/** `describe` where all is there that a suite needs; elsewhere it is skipped, and the run says why. */
export function describeWhere(what: string, ...needed: readonly Here[]): typeof describe | typeof describe.skip {
  const missing = needed.find(({ available }) => !available);
  if (missing === undefined || missing.available) return describe;
  const skipped = `SKIPPED: ${what}, because ${missing.reason}`;
  console.log(skipped);
  it.skip(skipped, () => {});
  return describe.skip;
}

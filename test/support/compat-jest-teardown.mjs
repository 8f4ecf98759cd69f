import { rm } from 'node:fs/promises';

/** Removes what compat-jest-setup.mjs made. */
export default async function globalTeardown() {
  const directory = globalThis.millraceQuickJava;
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

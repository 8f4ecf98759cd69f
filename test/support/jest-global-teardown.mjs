/** Lets go of what the set-up holds; see global-setup.ts. */
export default async function globalTeardown() {
  await globalThis.millraceTestPostgres?.close();
}

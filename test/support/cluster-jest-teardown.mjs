/** Ends what the set-up started; see cluster-global-setup.ts. */
export default async function globalTeardown() {
  await globalThis.millraceTestCluster?.close?.();
  await globalThis.millraceTestPostgres?.close();
}

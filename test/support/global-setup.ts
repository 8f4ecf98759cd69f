import { dropLeftovers, joinTestPostgres } from './database.js';

/** Keeps one PostgreSQL up for the whole test run; see jest-global-teardown.mjs. */
export default async function globalSetup(): Promise<void> {
  const postgres = await joinTestPostgres();
  await dropLeftovers(postgres);
  Object.assign(globalThis, { millraceTestPostgres: postgres });
}

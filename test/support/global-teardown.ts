import type { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';

/** Lets go of the PostgreSQL that global-setup.ts holds; it stops unless another run uses it. */
export default async function globalTeardown(): Promise<void> {
  await (globalThis as { millraceTestPostgres?: EmbeddedPostgres }).millraceTestPostgres?.close();
}

import { register } from 'node:module';

/**
 * Jest loads global set-up without its own transforms. The loader hooks compile each file where it is, so that paths which
 * files derive from their own place (scripts, data directories) are the same as in the tests.
 */
export default async function globalSetup() {
  register('../bench/typescript-hooks.mjs', import.meta.url);
  const setup = await import('./cluster-global-setup.ts');
  await setup.default();
}

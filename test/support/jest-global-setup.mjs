import { join } from 'node:path';
import { build } from 'esbuild';

/** Jest loads global set-up without its own transforms, so the TypeScript of the set-up is bundled here first. */
export default async function globalSetup() {
  const outfile = join(import.meta.dirname, '../../node_modules/.cache/millrace/global-setup.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'global-setup.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const setup = await import(outfile);
  await setup.default();
}

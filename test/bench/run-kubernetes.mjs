/** Entry of `npm run bench:kubernetes`: loads the TypeScript beside it without a build of its own. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
await import('./kubernetes.ts');

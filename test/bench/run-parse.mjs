/** Entry of the processes that test/bench/parsing.ts starts. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
await import('./parse-long-definition.ts');

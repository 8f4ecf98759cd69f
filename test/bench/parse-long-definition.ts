import { parseTask } from '../../src/dsl/parse.js';
import { LONG_DEFINITIONS } from './long-definitions.js';

/** Parses one of the long definitions again and again in a process that has parsed nothing before; prints the times, ms. */

const definition = LONG_DEFINITIONS[process.argv[2] ?? ''] ?? '';
const times = Array.from({ length: 31 }, () => {
  const begin = performance.now();
  parseTask('task', definition);
  return performance.now() - begin;
});
process.stdout.write(JSON.stringify(times));

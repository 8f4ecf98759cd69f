import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadOf, milliseconds } from './format.js';
import { LONG_DEFINITIONS } from './long-definitions.js';
import { quantile } from './measure.js';
import { table } from './table.js';

/** Processes that each parse a definition, so that the first parse of a process is measured too. */
const PROCESSES = 7;

/** Parses that a process has done before its parses count as later ones. */
const WARM_UP = 10;

/** How long it takes to parse, with all checks, definitions of 100,000 characters. */
export async function parsing(print: (line?: string) => void): Promise<void> {
  const rows: string[][] = [];
  for (const [shape, definition] of Object.entries(LONG_DEFINITIONS)) {
    const runs: (readonly number[])[] = [];
    for (let index = 0; index < PROCESSES; index += 1) runs.push(await parseInProcess(shape));
    const first = runs.map(([time]) => time ?? NaN);
    const later = runs.flatMap((times) => times.slice(WARM_UP));
    rows.push([
      shape,
      String(definition.length),
      milliseconds(quantile(first, 0.5)),
      milliseconds(quantile(later, 0.5)),
      milliseconds(quantile(later, 0.95)),
    ]);
  }
  print(`\nParsing of long task definitions (load ${loadOf()})`);
  print(table(['', 'characters', 'first of a process', 'later', '95 %'], rows));
}

async function parseInProcess(shape: string): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'run-parse.mjs'), shape]);
  return JSON.parse(stdout) as readonly number[];
}

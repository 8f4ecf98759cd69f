#!/usr/bin/env node
// Imports orders from a CSV file in batches, prints its progress, and writes totals by currency into its working directory.
// Arguments: --file=<path> (default: orders.csv beside this file), --batch-size=<number> (default: 5).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    file: { type: 'string', default: fileURLToPath(new URL('orders.csv', import.meta.url)) },
    'batch-size': { type: 'string', default: '5' },
  },
  strict: false,
});
const batchSize = Number(values['batch-size']);
if (!Number.isInteger(batchSize) || batchSize < 1) {
  console.error(`--batch-size must be a whole number above 0, not '${values['batch-size']}'`);
  process.exit(2);
}

const [, ...lines] = readFileSync(values.file, 'utf8').trim().split('\n');
console.log(`reading ${lines.length} orders from ${values.file}`);

const totals = new Map();
const rejected = [];
for (let start = 0; start < lines.length; start += batchSize) {
  const batch = lines.slice(start, start + batchSize);
  for (const line of batch) importOrder(line);
  const done = start + batch.length;
  console.log(`imported ${done} of ${lines.length} (${Math.round((100 * done) / lines.length)} %)`);
  await sleep(250);
}

for (const [currency, cents] of totals) console.log(`total ${currency} ${(cents / 100).toFixed(2)}`);
for (const line of rejected) console.error(`rejected, no amount: ${line}`);
writeFileSync(join(process.cwd(), 'totals.json'), JSON.stringify(Object.fromEntries(totals)));

function importOrder(line) {
  const [, , amount, currency] = line.split(',');
  if (amount === '' || Number.isNaN(Number(amount))) {
    rejected.push(line);
    return;
  }
  totals.set(currency, (totals.get(currency) ?? 0) + Math.round(Number(amount) * 100));
}

import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';

/** A part of a plain dump: a statement, or the rows of one COPY. */
type DumpPart =
  | { readonly sql: string }
  | { readonly table: string; readonly columns: string; readonly rows: readonly (string | null)[][] };

/**
 * Replays a plain-SQL dump of pg_dump, gzipped, over an ordinary connection: what `psql -f` does, without psql.
 *
 * @throws Error of PostgreSQL at the first statement that fails
 */
export async function restoreDump(client: pg.Client, file: string): Promise<void> {
  const text = (await promisify(gunzip)(await readFile(file))).toString('utf8');
  for (const part of partsOf(text)) {
    if ('sql' in part) await client.query(part.sql);
    else await insertRows(client, part);
  }
  // The dump empties the search path for its own session.
  await client.query('reset all');
}

function* partsOf(text: string): Generator<DumpPart> {
  const lines = text.split('\n');
  let statement: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!;
    const copy = /^COPY (\S+) \((.*)\) FROM stdin;$/.exec(line);
    if (copy !== null) {
      const end = lines.indexOf('\\.', index);
      const rows = lines.slice(index + 1, end).map((row) => row.split('\t').map(decodeField));
      yield { table: copy[1]!, columns: copy[2]!, rows };
      index = end;
    } else if (statement.length > 0 || !/^(--|\\|\s*$)/.test(line)) {
      statement.push(line);
      if (line.endsWith(';')) {
        yield { sql: statement.join('\n') };
        statement = [];
      }
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** One field of COPY's text format. */
function decodeField(field: string): string | null {
  if (field === '\\N') return null;
  return field.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

async function insertRows(client: pg.Client, part: Extract<DumpPart, { table: string }>): Promise<void> {
  for (const row of part.rows) {
    const places = row.map((_, index) => `$${index + 1}`).join(', ');
    await client.query(`insert into ${part.table} (${part.columns}) values (${places})`, row);
  }
}

import { expect } from '@jest/globals';
import type pg from 'pg';
import { ErrorsSchema } from '../../src/representation/resource.js';
import type { WireAnswer } from './http.js';

/** Checks that an answer is a refusal: one of the statuses, SCDF's error body, and a sentence. */
export function expectRefusal(answer: Pick<WireAnswer, 'status' | 'body'>, statuses: readonly number[]): void {
  expect(statuses).toContain(answer.status);
  const { _embedded } = ErrorsSchema.parse(answer.body);
  const [error] = _embedded.errors;
  expect(error?.message).toMatch(/\w{3,}.*\w{3,}/s);
  expect(error?.message.length).toBeLessThan(2_000);
  expect(error?._links).toEqual({ self: { href: '/' } });
}

/**
 * A digest of each table's rows: what is equal before and after a request has not been written by it. But for the table in
 * which the server says every few seconds that it is alive.
 */
export async function whatIsWritten(client: pg.Client): Promise<unknown> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'millrace_platform_domain' order by 1`,
  );
  const digests: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await client.query(
      `select count(*), md5(string_agg(row::text, '|' order by row::text)) from ${name} row`,
    );
    digests[name] = rows[0];
  }
  return digests;
}

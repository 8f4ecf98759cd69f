import { afterAll, beforeAll } from '@jest/globals';
import type pg from 'pg';
import type { OpenApiDocument } from '../../src/openapi/openapi-types.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { getJson, postForm } from './http.js';

/** What the tests of bad input work on. */
export interface BadInputBench {
  /** With the app `one` in version 1.0 and the task `single`. */
  readonly server: ApiServer;
  /** To see what is written. */
  readonly client: pg.Client;
  /** What the server says that it understands. */
  readonly document: OpenApiDocument;
}

/** A server for all tests of the file that calls this; there once the first of them runs. */
export function badInputBench(): BadInputBench {
  const bench: { -readonly [Name in keyof BadInputBench]?: BadInputBench[Name] } = {};

  beforeAll(async () => {
    bench.server = await startApiServer();
    const { url, database } = bench.server;
    bench.client = await database.client();
    bench.document = (await getJson(url, '/v3/api-docs')).body as OpenApiDocument;
    await postForm(url, '/apps/task/one/1.0', { uri: 'file:///bin/true' });
    await postForm(url, '/tasks/definitions', { name: 'single', definition: 'one' });
  }, 120_000);
  afterAll(async () => {
    await bench.server?.close();
  });

  return bench as BadInputBench;
}

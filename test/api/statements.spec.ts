import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiServer, startApiServer } from '../support/api-server.js';
import { restoreScdfDatabase, type TestDatabase } from '../support/database.js';
import { getJson } from '../support/http.js';
import { countStatements, type StatementCounter } from '../support/statement-counter.js';

/** How many SQL statements a request may take, however long its answer is. */
const LIMIT = 4;

const REQUESTS = [
  '/about',
  '/apps',
  '/tasks/definitions?size=200',
  '/tasks/definitions/morning',
  '/tasks/executions',
  '/tasks/executions?name=morning',
  '/tasks/executions?status=ERROR',
  '/tasks/executions?sort=EXIT_CODE,desc',
  '/tasks/executions/1',
  '/tasks/executions/current',
  '/tasks/thinexecutions',
  '/tasks/info/executions',
  '/tasks/info/executions?completed=true&name=morning',
  '/tasks/platforms',
  '/jobs/executions',
  '/jobs/executions?name=job1',
  '/jobs/executions?status=FAILED',
  '/jobs/executions/1',
  '/jobs/thinexecutions',
  '/jobs/instances?name=job1',
  '/jobs/instances/1',
  '/jobs/executions/1/steps',
  '/jobs/executions/1/steps/1',
  '/jobs/executions/1/steps/1/progress',
  '/audit-records',
];

describe('SQL statements of a request', () => {
  let database: TestDatabase;
  let counter: StatementCounter;
  let server: ApiServer;

  beforeAll(async () => {
    database = await restoreScdfDatabase();
    const [address] = database.connection.hosts;
    counter = await countStatements(address!.host, address!.port);
    const url = `jdbc:postgresql://127.0.0.1:${counter.port}/${database.name}`;
    server = await startApiServer({ database, properties: { 'spring.datasource.url': url } });
  });

  afterAll(async () => {
    await server.close();
    await counter.close();
    await database.close();
  });

  it.each(REQUESTS)(`of GET %s are at most ${LIMIT}`, async (target) => {
    const counts: number[] = [];
    // Work in the background runs statements too; it does not run at each of several requests.
    for (let round = 0; round < 4; round += 1) {
      counter.take();
      const answer = await getJson(server.url, target);
      expect(answer.status).toBe(200);
      counts.push(counter.take());
    }
    expect(Math.min(...counts)).toBeLessThanOrEqual(LIMIT);
  });

  it('are counted at all', async () => {
    counter.take();
    await getJson(server.url, '/tasks/executions/1');
    expect(counter.take()).toBeGreaterThan(0);
  });
});

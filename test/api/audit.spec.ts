import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskExecution } from '../support/server-client.js';
import { withQuery, Workbench } from '../support/workbench.js';

interface AuditRecord {
  readonly auditRecordId: number;
  readonly correlationId: string;
  readonly auditData: string;
  readonly createdOn: string;
  readonly createdBy: string | null;
  readonly auditAction: string;
  readonly auditOperation: string;
  readonly platformName: string | null;
}

let bench: Workbench;
let launched: TaskExecution;

beforeAll(async () => {
  bench = await Workbench.open();
  const uri = await bench.script('keeper.sh', 'exit 0');
  await bench.client.register('keeper', '1.0.0', uri);
  await bench.post('/apps/task/keeper/1.0.0', { uri, force: 'true' });
  await bench.client.register('keeper', '2.0.0', uri);
  await bench.put('/apps/task/keeper/2.0.0');
  await bench.client.define('secrets', 'keeper --db.password=s3cret-dsl --plain=shown');
  launched = await bench.run('secrets', {
    properties: 'app.keeper.api.secret=s3cret-property,app.keeper.colour=blue,deployer.keeper.memory=64m',
    arguments: '--admin.password=s3cret-argument --verbose',
  });
  await bench.stop(launched);
  await bench.delete(`/tasks/executions/${launched.executionId}?action=REMOVE_DATA`);
  await bench.delete('/tasks/definitions/secrets');
  await bench.delete('/apps/task/keeper/1.0.0');
}, 120_000);

afterAll(() => bench?.close());

const records = async (query: Record<string, string> = {}) =>
  (await bench.list<AuditRecord>(withQuery('/audit-records', { size: '100', sort: 'id,asc', ...query }))).elements;
const brief = ({ auditOperation, auditAction, correlationId, platformName }: AuditRecord) =>
  [auditOperation, auditAction, correlationId, platformName].join(' ');

describe('audit records', () => {
  it('tell of every change, in order, by what it changed', async () => {
    const found = await records();
    expect(found.map(brief)).toEqual([
      'APP_REGISTRATION CREATE keeper ',
      'APP_REGISTRATION UPDATE keeper ',
      'APP_REGISTRATION CREATE keeper ',
      'APP_REGISTRATION UPDATE keeper ',
      'TASK CREATE secrets ',
      'TASK DEPLOY secrets default',
      'TASK UNDEPLOY 1 Task Execution Stopped ',
      'TASK DELETE 1 Task Execution Delete(s) ',
      'TASK DELETE secrets ',
      'APP_REGISTRATION DELETE keeper ',
    ]);
    for (const { createdOn } of found) expect(createdOn).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  it('say what it was', async () => {
    const found = await records();
    const data = (at: number) => JSON.parse(found[at]?.auditData ?? '') as Record<string, unknown>;
    expect(data(0)).toMatchObject({ APP_NAME: 'keeper', APP_TYPE: 'task', APP_VERSION: '1.0.0', APP_IS_DEFAULT: true });
    expect(found[4]?.auditData).toContain('--plain=shown');
    expect(data(5)).toMatchObject({
      taskDeploymentProperties: { 'app.keeper.colour': 'blue', 'deployer.keeper.memory': '64m' },
      commandLineArgs: expect.arrayContaining(['--verbose']),
    });
    expect(data(6)).toEqual({ 'Stopped Task Executions': 1 });
    expect(data(7)).toMatchObject({ 'Deleted Task Execution IDs': String(launched.executionId) });
  });

  it('hold no secret', async () => {
    expect(JSON.stringify(await records())).not.toContain('s3cret');
  });

  it('are not written for what was refused', async () => {
    const before = (await records()).length;
    for (const answer of [
      await bench.post('/apps/task/keeper/2.0.0', { uri: 'docker:other/uri:1' }),
      await bench.post('/tasks/definitions', { name: 'x', definition: 'nobody' }),
      await bench.post('/tasks/executions/launch', { name: 'nobody' }),
      await bench.post('/tasks/executions/4711', {}),
      await bench.delete('/tasks/executions/4711?action=REMOVE_DATA'),
      await bench.delete('/tasks/definitions/nobody'),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await records()).length).toBe(before);
  });

  it.each<[Record<string, string>, number]>([
    [{ actions: 'CREATE' }, 3],
    [{ actions: 'CREATE,DEPLOY' }, 4],
    [{ operations: 'TASK' }, 5],
    [{ operations: 'TASK', actions: 'DELETE' }, 2],
    [{ operations: 'SCHEDULE' }, 0],
    [{ fromDate: '2001-01-01T00:00:00', toDate: '2001-12-31T00:00:00' }, 0],
    [{ fromDate: '2001-01-01T00:00:00' }, 10],
    [{ search: 'ignored' }, 10],
  ])('are filtered by %j', async (query, count) => {
    expect(await records(query)).toHaveLength(count);
  });

  it.each([
    [{ actions: 'FLY' }],
    [{ fromDate: 'yesterday' }],
    [{ fromDate: '2002-01-01T00:00:00', toDate: '2001-01-01T00:00:00' }],
    [{ sort: 'colour,asc' }],
  ])('refuse %j', async (query) => {
    expect((await bench.get(withQuery('/audit-records', query))).status).toBe(400);
  });

  it('are shown one by one, and can be paged', async () => {
    const [first] = await records();
    expect(await bench.client.get(`/audit-records/${first?.auditRecordId}`)).toMatchObject({ ...first });
    expect((await bench.get('/audit-records/999999')).status).toBe(404);
    const page = await bench.list<AuditRecord>('/audit-records?size=4&page=2&sort=id,asc');
    expect(page.page).toEqual({ size: 4, totalElements: 10, totalPages: 3, number: 2 });
    expect(page.elements).toHaveLength(2);
  });
});

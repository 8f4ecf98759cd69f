import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exchange } from '../support/http.js';
import type { Launched, TaskExecution } from '../support/server-client.js';
import { removalsOf } from '../support/removals.js';
import { eventually, refusalOf, withQuery, Workbench } from '../support/workbench.js';

let bench: Workbench;

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.scriptTask('quick', 'echo "out $1"', 'echo "err $1" >&2', 'exit "${1:-0}"');
  // What a program does that is asked to stop: one ends in order, one does not listen.
  await bench.scriptTask('polite', "trap 'echo bye; exit 0' TERM", 'echo ready', 'while :; do sleep 0.05; done');
  await bench.scriptTask('stubborn', "trap '' TERM", 'echo ready', 'while :; do sleep 0.05; done');
  await bench.scriptTask('plain', 'echo ready', 'exec sleep 600');
}, 120_000);

afterAll(() => bench?.close());

const executions = (query: Record<string, string> = {}) =>
  bench.list<TaskExecution>(withQuery('/tasks/executions', { size: '200', ...query }));
const ids = async (query: Record<string, string> = {}) =>
  (await executions(query)).elements.map(({ executionId }) => executionId);
const status = async (target: string) => (await bench.get(target)).status;

/** Launches one that runs on, and waits until it has said so. */
async function launchReady(name: string, properties = ''): Promise<Launched> {
  const launched = await bench.client.launch(name, { properties });
  await eventually(
    async () => {
      const execution = await bench.client.execution(launched);
      return execution.startTime === null ? '' : bench.client.log(execution);
    },
    (log) => log.includes('ready'),
  );
  return launched;
}

describe('stopping', () => {
  it('lets a program end in order', async () => {
    const launched = await launchReady('polite');
    expect(await bench.client.execution(launched)).toMatchObject({ taskExecutionStatus: 'RUNNING', exitCode: null });
    const answer = await bench.stop(launched);
    expect([answer.status, answer.text]).toEqual([200, '']);
    const execution = await bench.client.ended(launched);
    expect(execution.exitCode).toBe(0);
    expect(await bench.client.log(execution)).toMatch(/stdout:\nready\nbye\n$/);
  });

  it('ends one that does not listen after its grace period', async () => {
    const launched = await launchReady('stubborn', 'deployer.stubborn.local.shutdown-timeout=1');
    await bench.stop(launched);
    expect(await bench.client.ended(launched)).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 137 });
  });

  it('several at once, one of them twice, ends them all; again is no error', async () => {
    const launched = [await launchReady('plain'), await launchReady('plain')];
    const list = [...launched, launched[0]].map((one) => one?.executionId).join(',');
    expect((await bench.post(`/tasks/executions/${list}`)).status).toBe(200);
    for (const one of launched) {
      expect(await bench.client.ended(one)).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 143 });
    }
    expect((await bench.post(`/tasks/executions/${list}`)).status).toBe(200);
  });

  it('stops none when one of them is unknown, or the platform is', async () => {
    const launched = await launchReady('plain');
    expect((await bench.post(`/tasks/executions/${launched.executionId},999999`)).status).toBe(404);
    expect(refusalOf(await bench.stop(launched, { platform: 'mars' }))).toEqual({
      status: 404,
      message: "No Launcher found for the platform named 'mars'.  Available platform names are [default]",
    });
    expect((await bench.stop(launched, { schemaTarget: 'boot3' })).status).toBe(404);
    expect((await bench.stop(launched, { schemaTarget: 'boot9' })).status).toBe(404);
    expect((await bench.post('/tasks/executions/one')).status).toBe(400);
    expect(await bench.client.execution(launched)).toMatchObject({ taskExecutionStatus: 'RUNNING', endTime: null });
    await bench.stop(launched, { platform: 'default' });
    expect(await bench.client.ended(launched)).toMatchObject({ exitCode: 143 });
  });
});

describe('reading one', () => {
  let execution: TaskExecution;

  beforeAll(async () => {
    execution = await bench.run('quick', { arguments: '3' });
  });

  it('shows all that is known of it, with links', async () => {
    const shown = await bench.client.get(`/tasks/executions/${execution.executionId}`);
    const { externalExecutionId } = execution;
    expect(shown).toEqual({
      executionId: execution.executionId,
      exitCode: 3,
      taskName: 'quick',
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      endTime: expect.stringMatching(/\+0000$/),
      exitMessage: null,
      arguments: ['3'],
      jobExecutionIds: [],
      errorMessage: 'exit code 3: err 3',
      externalExecutionId,
      parentExecutionId: null,
      resourceUrl: `URL [file:${bench.directory}/quick.sh]`,
      appProperties: expect.objectContaining({ 'spring.cloud.task.name': 'quick' }),
      deploymentProperties: expect.any(Object),
      platformName: 'default',
      taskExecutionStatus: 'ERROR',
      schemaTarget: 'boot2',
      _links: {
        self: { href: `${bench.server.url}/tasks/executions/${execution.executionId}?schemaTarget=boot2` },
        'tasks/logs': {
          href: `${bench.server.url}/tasks/logs/${externalExecutionId}?platformName=default&schemaTarget=boot2`,
        },
      },
    });
  });

  it('by its external id needs the right platform', async () => {
    const path = `/tasks/executions/external/${execution.externalExecutionId}`;
    expect((await bench.client.get(`${path}?platform=default`)) as TaskExecution).toMatchObject({
      executionId: execution.executionId,
    });
    for (const wrong of ['', '?platform=mars', '?platform=null']) expect(await status(path + wrong)).toBe(404);
    expect(await status('/tasks/executions/external/nobody?platform=default')).toBe(404);
  });

  it.each([
    ['/tasks/executions/999999', 404],
    ['/tasks/executions/999999999999999999999', 400],
    ['/tasks/executions/-1', 404],
    ['/tasks/executions/x', 400],
  ])('%s is %i', async (target, expected) => {
    expect(await status(target)).toBe(expected);
  });

  it('of the other generation, or an unknown one, is not found', async () => {
    expect(await status(`/tasks/executions/${execution.executionId}?schemaTarget=boot3`)).toBe(404);
    expect(await status(`/tasks/executions/${execution.executionId}?schemaTarget=boot9`)).toBe(404);
  });

  it('shows its log as text or as a JSON string', async () => {
    const text = 'stderr:\nerr 3\nstdout:\nout 3\n';
    const target = `/tasks/logs/${execution.externalExecutionId}`;
    const asText = await exchange(bench.server.url, { method: 'GET', target, headers: { Accept: 'text/plain' } });
    expect([asText.contentType, asText.text]).toEqual([expect.stringContaining('text/plain'), text]);
    const others: Record<string, string>[] = [{ Accept: 'application/json' }, { Accept: '*/*' }, {}];
    for (const headers of others) {
      const answer = await exchange(bench.server.url, { method: 'GET', target, headers });
      expect(JSON.parse(answer.text)).toBe(text);
    }
    expect((await bench.get(`/tasks/logs/${execution.executionId}`)).body).toBe(text);
    expect((await bench.get('/tasks/logs/nobody')).body).toBe(
      'Log could not be retrieved as the task instance is not running.',
    );
    expect((await bench.get(`${target}?platformName=mars`)).body).toBe(
      'Log could not be retrieved.  Verify that deployments are still available.',
    );
  });
});

describe('removing', () => {
  const remove = (list: string, query = '') => bench.delete(`/tasks/executions/${list}${query}`);

  it('by CLEANUP drops what the platform kept and leaves the row and the log; again is no error', async () => {
    const { executionId, externalExecutionId } = await bench.run('quick');
    for (let times = 0; times < 2; times++) {
      const answer = await remove(String(executionId));
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
    expect(await status(`/tasks/executions/${executionId}`)).toBe(200);
    expect((await bench.get(`/tasks/logs/${externalExecutionId}`)).body).toContain('out');
  });

  it('by both drops the log too', async () => {
    const { executionId, externalExecutionId } = await bench.run('quick');
    expect((await remove(String(executionId), '?action=CLEANUP,REMOVE_DATA')).status).toBe(200);
    expect((await bench.get(`/tasks/logs/${externalExecutionId}`)).body).toContain('not running');
  });

  it('by REMOVE_DATA drops the row and leaves the platform its log', async () => {
    const { executionId, externalExecutionId } = await bench.run('quick');
    expect((await remove(String(executionId), '?action=REMOVE_DATA')).status).toBe(200);
    expect(await status(`/tasks/executions/${executionId}`)).toBe(404);
    expect((await bench.get(`/tasks/logs/${externalExecutionId}?platformName=default`)).body).toContain('out');
    expect((await remove(String(executionId), '?action=REMOVE_DATA')).status).toBe(404);
  });

  it('with an unknown id among them removes nothing', async () => {
    const { executionId, externalExecutionId } = await bench.run('quick');
    const answer = await remove(`${executionId},999999`, '?action=CLEANUP,REMOVE_DATA');
    expect(refusalOf(answer)).toEqual({ status: 404, message: expect.stringContaining('999999') });
    expect(await status(`/tasks/executions/${executionId}`)).toBe(200);
    expect((await bench.get(`/tasks/logs/${externalExecutionId}`)).body).toContain('out');
  });

  it('leaves one that runs alone, and its process', async () => {
    const launched = await launchReady('plain');
    await remove(String(launched.executionId));
    expect(await bench.client.execution(launched)).toMatchObject({ taskExecutionStatus: 'RUNNING' });
    await bench.stop(launched);
    expect(await bench.client.ended(launched)).toMatchObject({ exitCode: 143 });
  });

  it.each<[string, number]>([
    ['?action=FLY', 400],
    ['?schemaTarget=boot9', 404],
  ])('with %s is refused', async (query, expected) => {
    const { executionId } = await bench.run('quick');
    expect((await remove(String(executionId), query)).status).toBe(expected);
    expect(await status(`/tasks/executions/${executionId}`)).toBe(200);
  });

  it('all of a name, ended ones only, or of a certain age', async () => {
    await bench.scriptTask('swept', 'exit 0');
    await bench.run('swept');
    await bench.run('swept');
    const others = (await executions()).page.totalElements - 2;
    const sweep = (query: string) => bench.delete(`/tasks/executions?action=CLEANUP,REMOVE_DATA&${query}`);
    expect((await sweep('name=nobody')).status).toBe(200);
    expect((await sweep('name=swept&days=1')).status).toBe(200);
    expect(await ids({ name: 'swept' })).toHaveLength(2);
    expect((await sweep('name=swept&completed=true')).status).toBe(200);
    expect(await ids({ name: 'swept' })).toHaveLength(0);
    expect((await executions()).page.totalElements).toBe(others);
    expect((await sweep('days=soon')).status).toBe(400);
    expect((await removalsOf(bench.server.url)).map(({ expected, executions }) => [expected, executions])).toEqual([
      [2, 2],
      [null, 0],
      [0, 0],
    ]);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    await bench.delete('/tasks/executions?action=CLEANUP,REMOVE_DATA');
    await bench.client.register('modern', '1.0.0', await bench.script('modern.sh', 'exit 0'), '3');
    await bench.client.define('modern', 'modern');
    for (const code of ['0', '0', '2', '0', '5']) await bench.run('quick', { arguments: code });
    for (let times = 0; times < 3; times++) await bench.run('modern');
  }, 60_000);

  it('have both generations, the latest first', async () => {
    const { elements, page } = await executions();
    expect(page.totalElements).toBe(8);
    expect(elements.map(({ taskName }) => taskName)).toEqual([
      ...Array.from({ length: 3 }, () => 'modern'),
      ...Array.from({ length: 5 }, () => 'quick'),
    ]);
    const starts = elements.map(({ startTime }) => startTime ?? '');
    expect(starts).toEqual([...starts].sort().reverse());
  });

  it('page without losing or repeating any', async () => {
    const seen = new Set<string>();
    for (let page = 0; page < 3; page++) {
      const part = await executions({ size: '3', page: String(page) });
      expect(part.page).toEqual({ size: 3, totalElements: 8, totalPages: 3, number: page });
      for (const { schemaTarget, executionId } of part.elements) seen.add(`${schemaTarget}:${executionId}`);
    }
    expect(seen.size).toBe(8);
    expect((await executions({ page: '7', size: '3' })).elements).toEqual([]);
  });

  it('filter by name and by status', async () => {
    expect(await ids({ name: 'quick' })).toHaveLength(5);
    expect(await ids({ status: 'ERROR' })).toHaveLength(2);
    expect(await ids({ status: 'ERROR,COMPLETE', name: 'quick' })).toHaveLength(5);
    expect(await ids({ status: 'RUNNING' })).toHaveLength(0);
    expect(await status('/tasks/executions?status=LATE')).toBe(400);
    expect(refusalOf(await bench.get('/tasks/executions?name=nobody'))).toEqual({
      status: 404,
      message: 'Could not find task definition named nobody',
    });
  });

  it('sort by what they show', async () => {
    const codes = (await executions({ name: 'quick', sort: 'EXIT_CODE,DESC' })).elements.map(
      ({ exitCode }) => exitCode,
    );
    expect(codes).toEqual([5, 2, 0, 0, 0]);
    expect(await status('/tasks/executions?sort=COLOUR,DESC')).toBe(400);
  });

  it('are there thin, with an empty page for an unknown name', async () => {
    const { elements, page } = await bench.list<Record<string, unknown>>('/tasks/thinexecutions?size=2');
    expect(page.totalElements).toBe(8);
    const [one] = elements;
    expect(Object.keys(one ?? {}).sort()).toEqual(
      [
        ...['_links', 'endTime', 'errorMessage', 'executionId', 'exitCode', 'exitMessage', 'externalExecutionId'],
        ...['parentExecutionId', 'schemaTarget', 'startTime', 'taskExecutionStatus', 'taskName'],
      ].sort(),
    );
    expect((await bench.list('/tasks/thinexecutions?name=quick&status=ERROR')).page.totalElements).toBe(2);
    expect((await bench.list('/tasks/thinexecutions?name=nobody')).page.totalElements).toBe(0);
  });

  it('are counted', async () => {
    const count = async (query: string) =>
      ((await bench.client.get(`/tasks/info/executions?${query}`)) as { totalExecutions: number }).totalExecutions;
    expect(await count('')).toBe(8);
    expect(await count('completed=true')).toBe(8);
    expect(await count('name=quick')).toBe(5);
    expect(await count('name=nobody')).toBe(0);
    expect(await count('days=1')).toBe(0);
    const launched = await launchReady('plain');
    expect([await count(''), await count('completed=true')]).toEqual([9, 8]);
    expect(await bench.client.get('/tasks/executions/current')).toMatchObject([
      { name: 'default', maximumTaskExecutions: 20, runningExecutionCount: 1 },
    ]);
    await bench.stop(launched);
    await bench.client.ended(launched);
  });
});

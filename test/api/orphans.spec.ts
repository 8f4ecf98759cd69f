import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskExecution } from '../support/server-client.js';
import { eventually, refusalOf, Workbench } from '../support/workbench.js';

interface Orphan {
  readonly name: string;
  readonly platformName: string;
  readonly phase: string | null;
  readonly executionId: number | null;
  readonly exitCode: number | null;
}

const ACCOUNTS = 'spring.cloud.dataflow.task.platform.local.accounts';

describe('orphans', () => {
  let root: string;
  let bench: Workbench;
  const others: Workbench[] = [];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'millrace-orphans-'));
    bench = await open('ours');
  }, 120_000);

  afterEach(async () => {
    await bench.script('gate');
    await Promise.all([bench, ...others.splice(0)].map((one) => one.close()));
    await rm(root, { recursive: true, force: true });
  });

  /** A server with two accounts; executions of the first lie in a directory that every installation of the test shares. */
  const open = async (instanceId: string) => {
    const opened = await Workbench.open({
      // Databases of tests are copies of one, its installation's id included.
      'millrace.instance-id': instanceId,
      [`${ACCOUNTS}.default.working-directories-root`]: root,
      [`${ACCOUNTS}.other.maximum-concurrent-tasks`]: '5',
    });
    const gate = join(opened.directory, 'gate');
    await opened.scriptTask('quick', 'exit 3');
    await opened.scriptTask('slow', `until [ -e ${gate} ]; do sleep 0.05; done`);
    await opened.scriptTask('deaf', `trap '' TERM`, `until [ -e ${gate} ]; do sleep 0.05; done`);
    return opened;
  };
  const orphans = async (query = '') => (await bench.list<Orphan>(`/millrace/orphans${query}`)).elements;
  const removeRow = async ({ executionId, schemaTarget }: Pick<TaskExecution, 'executionId' | 'schemaTarget'>) => {
    const answer = await bench.delete(
      `/tasks/executions/${executionId}?schemaTarget=${schemaTarget}&action=REMOVE_DATA`,
    );
    expect(answer.status).toBe(200);
  };
  const removeOrphans = (names: readonly string[], platform = 'default') =>
    bench.delete(`/millrace/orphans?platform=${platform}&names=${names.join(',')}`);
  const running = async (name: string, properties = '') => {
    const launched = await bench.client.launch(name, { properties });
    return eventually(
      () => bench.client.execution(launched),
      ({ taskExecutionStatus }) => taskExecutionStatus === 'RUNNING',
    );
  };
  const isThere = (name: string) =>
    access(join(root, name)).then(
      () => true,
      () => false,
    );

  it('are what is left where rows were removed alone', async () => {
    const ended = await bench.run('quick');
    const kept = await bench.run('quick');
    const onOther = await bench.run('quick', { properties: 'spring.cloud.dataflow.task.platformName=other' });
    expect(await orphans()).toEqual([]);
    await removeRow(ended);
    await removeRow(onOther);
    expect(await orphans()).toEqual([
      {
        name: ended.externalExecutionId,
        platformName: 'default',
        platformType: 'Local',
        phase: 'failed',
        executionId: ended.executionId,
        schemaTarget: 'boot2',
        startTime: expect.stringMatching(/^20/),
        endTime: expect.stringMatching(/^20/),
        exitCode: 3,
        reason: 'exit code 3',
      },
      expect.objectContaining({ name: onOther.externalExecutionId, platformName: 'other' }),
    ]);
    expect((await orphans('?platform=other')).map(({ name }) => name)).toEqual([onOther.externalExecutionId]);
    const page = await bench.list<Orphan>('/millrace/orphans?page=1&size=1');
    expect(page.page).toEqual({ size: 1, totalElements: 2, totalPages: 2, number: 1 });
    expect(page.elements.map(({ name }) => name)).toEqual([onOther.externalExecutionId]);

    const answer = await removeOrphans([ended.externalExecutionId]);
    expect(answer).toMatchObject({ status: 200, body: { removed: [ended.externalExecutionId], stopping: [] } });
    expect(await isThere(ended.externalExecutionId)).toBe(false);
    expect(await isThere(kept.externalExecutionId)).toBe(true);
    expect((await orphans()).map(({ platformName }) => platformName)).toEqual(['other']);
    const { elements } = await bench.list<{ correlationId: string; auditData: string; platformName: string }>(
      '/audit-records?actions=DELETE&sort=id,desc',
    );
    expect(elements[0]).toMatchObject({
      correlationId: '1 Orphan Delete(s)',
      platformName: 'default',
      auditData: JSON.stringify({ 'Deleted Orphans': [ended.externalExecutionId] }),
    });
  }, 60_000);

  it('that run are stopped and removed', async () => {
    const execution = await running('slow');
    await removeRow(execution);
    expect(await orphans()).toMatchObject([{ name: execution.externalExecutionId, phase: 'running', exitCode: null }]);
    expect((await removeOrphans([execution.externalExecutionId])).body).toEqual({
      removed: [execution.externalExecutionId],
      stopping: [],
    });
    expect(await isThere(execution.externalExecutionId)).toBe(false);
    expect(await orphans()).toEqual([]);
  }, 60_000);

  it('that take their time to stop are removed when they have', async () => {
    const execution = await running('deaf');
    const name = execution.externalExecutionId;
    await removeRow(execution);
    expect((await removeOrphans([name])).body).toEqual({ removed: [], stopping: [name] });
    expect(await isThere(name)).toBe(true);
    await bench.script('gate');
    await eventually(
      () => orphans(),
      ([orphan]) => orphan?.phase !== 'running',
    );
    expect((await removeOrphans([name])).body).toEqual({ removed: [name], stopping: [] });
    expect(await orphans()).toEqual([]);
  }, 60_000);

  it('are not what has an execution: nothing of such a request is done', async () => {
    const [ended, alive] = [await bench.run('quick'), await running('slow')];
    await removeRow(ended);
    const names = [ended.externalExecutionId, alive.externalExecutionId];
    expect(refusalOf(await removeOrphans(names))).toEqual({
      status: 409,
      message: `These are no orphans, there are executions of them: ${alive.externalExecutionId}. Stop and remove the executions.`,
    });
    expect((await bench.client.execution(alive)).taskExecutionStatus).toBe('RUNNING');
    expect((await orphans()).map(({ name }) => name)).toEqual([ended.externalExecutionId]);
    const unknown = await removeOrphans([ended.externalExecutionId, 'nothing-0', '..']);
    expect(refusalOf(unknown)).toEqual({
      status: 404,
      message: 'Platform default has no orphans of these names: nothing-0, ..',
    });
    expect(await isThere(ended.externalExecutionId)).toBe(true);
    expect((await removeOrphans([ended.externalExecutionId], 'mars')).status).toBe(404);
    expect((await removeOrphans([ended.externalExecutionId], 'other')).status).toBe(404);
    expect((await bench.delete('/millrace/orphans?platform=default')).status).toBe(400);
    expect((await bench.delete('/millrace/orphans?platform=default&names=')).status).toBe(400);
    expect((await bench.get('/millrace/orphans?platform=mars')).status).toBe(404);
  }, 60_000);

  it('are not what another installation keeps in the same directory', async () => {
    const neighbour = await open('theirs');
    others.push(neighbour);
    const [own, foreign] = [await bench.run('quick'), await neighbour.run('quick')];
    expect((await readdir(root)).filter((name) => name.startsWith('quick-')).sort()).toEqual(
      [own, foreign].map(({ externalExecutionId }) => externalExecutionId).sort(),
    );
    expect(await orphans()).toEqual([]);
    expect((await removeOrphans([foreign.externalExecutionId])).status).toBe(404);
    expect(await isThere(foreign.externalExecutionId)).toBe(true);
  }, 60_000);
});

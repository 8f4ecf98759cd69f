import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { startApiServer } from '../support/api-server.js';
import { createTestDatabase } from '../support/database.js';
import { openEvents, type ReceivedEvent } from '../support/event-client.js';
import { exchange, getJson } from '../support/http.js';
import { ServerClient, type TaskExecution } from '../support/server-client.js';
import { eventually, refusalOf, Workbench, writeScript } from '../support/workbench.js';

const NOT_RUNNING = 'Log could not be retrieved as the task instance is not running.';
const LIMIT = 64 * 1024;

let bench: Workbench;
let sql: pg.Client;

beforeAll(async () => {
  bench = await Workbench.open({ 'millrace.logs.max-size': '64KB', 'millrace.logs.max-followers': '2' });
  sql = await bench.server.database.client();
  await bench.scriptTask('talker', 'echo "err $1" >&2', 'echo "out $1"', 'pwd > "$2"');
  await bench.scriptTask('silent', 'exit 3');
  await bench.scriptTask(
    'chatty',
    'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo "line $i äöü xxxxxxxxxxxxxxxxxxxx"; done',
  );
  // A line a second, and one more when the gate opens.
  await bench.scriptTask('slow', 'for i in 1 2 3; do echo "line $i"; sleep 1; done');
  await bench.scriptTask('gated', 'echo before', 'until [ -e "$1" ]; do sleep 0.1; done', 'echo after');
}, 60_000);

afterAll(async () => {
  await sql?.end();
  await bench?.close();
});

const log = async (id: string, query = '') => (await bench.get(`/tasks/logs/${id}${query}`)).body;
const cleanUp = (id: number, query = '') => bench.delete(`/tasks/executions/${id}${query}`);
const gate = (name: string) => join(bench.directory, name);
const textOf = (events: readonly ReceivedEvent[]) =>
  events
    .filter(({ event }) => event === 'message')
    .map(({ data }) => `${data}\n`)
    .join('');

async function stored(execution: TaskExecution) {
  const { rows } = await sql.query<{ length: number; truncated: boolean }>(
    `SELECT original_length::int AS length, truncated FROM millrace_log WHERE external_execution_id = $1`,
    [execution.externalExecutionId],
  );
  return rows;
}

/** Launches the task that waits for its gate, and waits for its first line. */
async function launchGated(name: string): Promise<TaskExecution> {
  const launched = await bench.client.launch('gated', { arguments: gate(name) });
  return eventually(
    () => bench.client.execution(launched),
    ({ startTime }) => startTime !== null,
  );
}

describe('the log of an execution that has ended', () => {
  it('stays when its files are removed from outside', async () => {
    const execution = await bench.run('talker', { arguments: `1 ${gate('place')}` });
    await eventually(
      () => stored(execution),
      (rows) => rows.length === 1,
    );
    const work = (await readFile(gate('place'), 'utf8')).trim();
    await rm(dirname(work), { recursive: true });
    expect(await log(execution.externalExecutionId)).toBe('stderr:\nerr 1\nstdout:\nout 1\n');
    expect(await log(String(execution.executionId))).toBe('stderr:\nerr 1\nstdout:\nout 1\n');
  });

  it('stays when clean-up comes at once, and goes with the row', async () => {
    const execution = await bench.run('talker', { arguments: `2 ${gate('place')}` });
    const { executionId, externalExecutionId } = execution;
    const before = await log(externalExecutionId);
    expect((await cleanUp(executionId)).status).toBe(200);
    expect(await log(externalExecutionId)).toBe(before);
    expect(await log(externalExecutionId, '?platformName=default')).toBe(before);
    expect(await stored(execution)).toEqual([{ length: Buffer.byteLength(String(before)), truncated: false }]);
    expect((await cleanUp(executionId, '?action=REMOVE_DATA')).status).toBe(200);
    expect(await stored(execution)).toEqual([]);
    expect(await log(externalExecutionId)).toBe(NOT_RUNNING);
  });

  it('is empty, not missing, when nothing was printed', async () => {
    const { executionId, externalExecutionId } = await bench.run('silent');
    await cleanUp(executionId);
    expect(await log(externalExecutionId)).toBe('');
  });

  it('keeps its head and its end when it is too long, with the gap between them marked', async () => {
    const execution = await bench.run('chatty');
    const whole = String(await log(execution.externalExecutionId));
    await cleanUp(execution.executionId);
    const kept = String(await log(execution.externalExecutionId));
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(LIMIT);
    expect(Buffer.byteLength(kept)).toBeGreaterThan(LIMIT - 300);
    const [, head = '', leftOut = '', end = ''] = /^([^]*)\[… (\d+) bytes left out …\]\n([^]*)$/.exec(kept) ?? [];
    expect(head).toMatch(/^stdout:\nline 1 äöü/);
    expect(end).toMatch(/^line \d+ äöü x+\n[^]*line 5000 äöü x+\n$/);
    expect(whole.startsWith(head) && whole.endsWith(end)).toBe(true);
    expect(Number(leftOut)).toBe(Buffer.byteLength(whole) - Buffer.byteLength(head) - Buffer.byteLength(end));
    expect(await stored(execution)).toEqual([{ length: Buffer.byteLength(whole), truncated: true }]);
  });

  it('can be asked for in part, on its platform and when kept', async () => {
    const { executionId, externalExecutionId } = await bench.run('chatty');
    const last = 'line 5000 äöü xxxxxxxxxxxxxxxxxxxx\n';
    const asked = async () => [
      await log(externalExecutionId, '?tail=1'),
      await log(externalExecutionId, '?tail=0'),
      await log(externalExecutionId, '?since=2999-01-01T00:00:00%2B02:00'),
      await log(externalExecutionId, '?tail=1&since=3600'),
      await log(externalExecutionId, '?previous=true'),
      await log(externalExecutionId, '?container=sidecar'),
    ];
    const [tail, ...others] = await asked();
    expect(tail).toBe(`stdout:\n${last}`);
    expect(others).toEqual(['', '', `stdout:\n${last}`, NOT_RUNNING, NOT_RUNNING]);
    await cleanUp(executionId);
    expect(await asked()).toEqual([last, '', '', last, NOT_RUNNING, NOT_RUNNING]);
  });

  it.each([
    ['tail=-1'],
    ['tail=x'],
    ['tail=1000001'],
    ['since=yesterday'],
    ['since=2026-13-01'],
    ['since=-5'],
    ['previous=perhaps'],
    ['follow=2'],
    ['container=A%20b'],
    ['container='],
  ])('is not shown for %s', async (query) => {
    for (const accept of ['application/json', 'text/event-stream', 'text/plain']) {
      const answer = await exchange(bench.server.url, {
        method: 'GET',
        target: `/tasks/logs/nobody?${query}`,
        headers: { Accept: accept },
      });
      expect(refusalOf(answer)).toEqual({ status: 400, message: expect.stringMatching(/must be|required type/) });
    }
  });
});

describe('following', () => {
  const target = ({ externalExecutionId }: TaskExecution, query = '') => `/tasks/logs/${externalExecutionId}${query}`;
  const open = (execution: TaskExecution, query = '', lastEventId?: string) =>
    openEvents(bench.server.url, target(execution, query), lastEventId);

  it('brings lines while the program runs, then the end', async () => {
    const launched = await bench.client.launch('slow');
    const execution = await eventually(
      () => bench.client.execution(launched),
      (one) => one.externalExecutionId !== null,
    );
    const stream = await open(execution);
    expect([stream.status, stream.contentType]).toEqual([200, 'text/event-stream']);
    const first = await stream.next();
    expect(first).toMatchObject({ event: 'message', data: 'stdout:\nline 1' });
    expect(await bench.client.execution(launched)).toMatchObject({ endTime: null });
    const rest = await stream.rest();
    expect(textOf(rest)).toBe('line 2\nline 3\n');
    expect(rest.at(-1)).toMatchObject({ id: 'end', event: 'end' });
  });

  it('goes on where a client left', async () => {
    const execution = await launchGated('resumed');
    const stream = await open(execution);
    const first = await stream.next();
    expect(first?.data).toBe('stdout:\nbefore');
    stream.leave();
    await writeFile(gate('resumed'), '');
    const again = await open(execution, '', first?.id);
    expect(textOf(await again.rest())).toBe('after\n');
    expect((await open(execution, '', 'end')).status).toBe(204);
    const nonsense = await (await open(execution, '', 'x:1')).rest();
    expect([nonsense[0]?.event, textOf(nonsense)]).toEqual(['again', 'stdout:\nbefore\nafter\n']);
  });

  it('works for what has ended, and for what was kept', async () => {
    const execution = await bench.run('talker', { arguments: `3 ${gate('place')}` });
    const text = 'stderr:\nerr 3\nstdout:\nout 3\n';
    const onPlatform = await (await open(execution)).rest();
    expect([textOf(onPlatform), onPlatform.at(-1)?.event]).toEqual([text, 'end']);
    await cleanUp(execution.executionId);
    const kept = await (await open(execution)).rest();
    expect([textOf(kept), kept.at(-1)?.event]).toEqual([text, 'end']);
    // A position of the platform means nothing in the archive; one of the archive does.
    const moved = await (await open(execution, '', onPlatform[0]?.id)).rest();
    expect([moved[0]?.event, textOf(moved)]).toEqual(['again', text]);
    const resumed = await (await open(execution, '', `c:${'stderr:\nerr 3\n'.length}`)).rest();
    expect(textOf(resumed)).toBe('stdout:\nout 3\n');
    expect(textOf(await (await open(execution, '?tail=1')).rest())).toBe('out 3\n');
  });

  it('can be had as plain text', async () => {
    const execution = await launchGated('plain');
    const answer = exchange(bench.server.url, {
      method: 'GET',
      target: target(execution, '?follow=true'),
      headers: { Accept: 'text/plain' },
    });
    await writeFile(gate('plain'), '');
    expect(await answer).toMatchObject({ status: 200, text: 'stdout:\nbefore\nafter\n' });
    const asJson = await bench.get(target(execution, '?follow=true'));
    expect(refusalOf(asJson).status).toBe(406);
  });

  it('by more clients than may is refused, and one that leaves makes room', async () => {
    const execution = await launchGated('crowd');
    const streams = [await open(execution), await open(execution)];
    for (const stream of streams) await stream.next();
    const refused = await exchange(bench.server.url, {
      method: 'GET',
      target: target(execution),
      headers: { Accept: 'text/event-stream' },
    });
    expect(refusalOf(refused)).toEqual({
      status: 429,
      message: expect.stringContaining('millrace.logs.max-followers'),
    });
    expect(refused.headers['retry-after']).toBe('30');
    streams[0]?.leave();
    const third = await eventually(
      () => open(execution),
      ({ status }) => status === 200,
    );
    await writeFile(gate('crowd'), '');
    expect(textOf(await third.rest())).toBe('stdout:\nbefore\nafter\n');
    expect(textOf((await streams[1]?.rest()) ?? [])).toBe('after\n');
  });

  it('takes no place for HEAD, and none is kept by what has ended', async () => {
    const execution = await bench.run('silent');
    for (let times = 0; times < 5; times++) {
      const head = await exchange(bench.server.url, {
        method: 'HEAD',
        target: target(execution),
        headers: { Accept: 'text/event-stream' },
      });
      expect([head.status, head.contentType, head.text]).toEqual([200, 'text/event-stream', '']);
      expect((await (await open(execution)).rest()).map(({ event }) => event)).toEqual(['end']);
    }
  });

  it.each(['nobody', '999999'])('the log of %s, which is unknown, is not found', async (id) => {
    expect((await openEvents(bench.server.url, `/tasks/logs/${id}`)).status).toBe(404);
  });

  it('elsewhere is not acceptable', async () => {
    expect((await openEvents(bench.server.url, '/tasks/executions')).status).toBe(406);
  });
});

describe('a log that is followed', () => {
  const account = 'spring.cloud.dataflow.task.platform.local.accounts.default';

  it('of an execution that waits for room comes when it runs', async () => {
    const other = await Workbench.open({
      [`${account}.maximum-concurrent-tasks`]: '1',
      'millrace.launch.queue': 'true',
    });
    try {
      const open = join(other.directory, 'open');
      await other.scriptTask('gated', 'echo before', `until [ -e ${open} ]; do sleep 0.1; done`);
      const launched = [await other.client.launch('gated'), await other.client.launch('gated')];
      // One that waits has no external id yet; its number will do.
      const [running, waiting] = await Promise.all(
        launched.map(({ executionId }) => openEvents(other.server.url, `/tasks/logs/${executionId}`)),
      );
      expect((await running?.next())?.data).toBe('stdout:\nbefore');
      await writeFile(open, '');
      const rest = (await waiting?.rest()) ?? [];
      expect([textOf(rest), rest.at(-1)?.event]).toEqual(['stdout:\nbefore\n', 'end']);
    } finally {
      await other.close();
    }
  });

  it('breaks off when its server ends, which waits for nobody', async () => {
    const other = await Workbench.open();
    await other.scriptTask('lasting', 'echo before', 'sleep 4', 'echo after');
    const { executionId } = await other.client.launch('lasting');
    const stream = await openEvents(other.server.url, `/tasks/logs/${executionId}`);
    expect((await stream.next())?.data).toBe('stdout:\nbefore');
    const rest = stream.rest();
    await Promise.all([expect(rest).rejects.toThrow(/aborted|hang up|ECONNRESET/), other.close()]);
  });
});

describe('a log that nobody kept when its execution ended', () => {
  it('is kept by the next server that keeps logs', async () => {
    const root = await mkdtemp(join(tmpdir(), 'millrace-logs-'));
    const database = await createTestDatabase();
    const properties = {
      'spring.cloud.dataflow.task.platform.local.accounts.default.working-directories-root': join(root, 'tasks'),
    };
    const start = (archive: string) =>
      startApiServer({ database, properties: { ...properties, 'millrace.logs.archive': archive } });
    let server = await start('none');
    try {
      const client = new ServerClient(server.url);
      await client.register('quick', '1.0.0', await writeScript(root, 'quick.sh', ['echo "run $1"']));
      await client.define('quick', 'quick');
      const ends = ['1', '2'].map(async (word) => client.ended(await client.launch('quick', { arguments: word })));
      const [kept, lost] = await Promise.all(ends);
      const remove = (execution: TaskExecution | undefined) =>
        exchange(server.url, { method: 'DELETE', target: `/tasks/executions/${execution?.executionId}` });
      const read = async (execution: TaskExecution | undefined) =>
        (await getJson(server.url, `/tasks/logs/${execution?.externalExecutionId}`)).body;
      await remove(lost);
      await server.close();

      server = await start('database');
      const sqlOfIt = await database.client();
      const unsettled = `SELECT 1 FROM millrace_launch WHERE log_settled_at IS NULL`;
      await eventually(
        async () => (await sqlOfIt.query(unsettled)).rowCount,
        (count) => count === 0,
        60_000,
      );
      await sqlOfIt.end();
      await remove(kept);
      expect([await read(kept), await read(lost)]).toEqual(['stdout:\nrun 1\n', NOT_RUNNING]);
    } finally {
      await server.close();
      await database.close();
      await rm(root, { recursive: true, force: true });
    }
  }, 120_000);
});

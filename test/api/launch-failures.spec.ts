import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/server-process.js';
import type { Launched } from '../support/server-client.js';
import { eventually, Workbench } from '../support/workbench.js';

let bench: Workbench;
let port: number;
let host: Server | undefined;
let names = 0;

beforeAll(async () => {
  bench = await Workbench.open({ 'millrace.launch.retry-for': '4s' });
}, 120_000);

afterAll(() => bench?.close());

beforeEach(async () => {
  port = await freePort();
  host = undefined;
});

afterEach(() => {
  host?.closeAllConnections();
  host?.close();
});

/** Launches a program of the host, whether it is there or not. */
async function launchFetched(): Promise<Launched> {
  const name = `fetched-${++names}`;
  await bench.client.register(name, '1.0.0', `http://joe:geheim@127.0.0.1:${port}/${name}.sh`);
  await bench.client.define(name, name);
  return bench.client.launch(name);
}

/** @param answer status of the n-th answer, from 1; with 200 a program comes along */
async function openHost(answer: (count: number) => number): Promise<() => number> {
  let count = 0;
  const server = createServer((_request, response) => {
    const status = answer(++count);
    response.writeHead(status).end(status === 200 ? '#!/bin/sh\nexit 0\n' : '');
  });
  host = server;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return () => count;
}

const waitingReason = (launched: Launched) =>
  eventually(
    () => bench.client.execution(launched),
    ({ errorMessage }) => errorMessage !== null,
  );

describe('a launch whose host is away', () => {
  it('says what it waits for, and ends with that reason when its time is up', async () => {
    const launched = await launchFetched();
    const waiting = await waitingReason(launched);
    expect(waiting).toMatchObject({ taskExecutionStatus: 'UNKNOWN', startTime: null, endTime: null, exitCode: null });
    expect(waiting.errorMessage).toMatch(
      /^Not launched yet; it is tried again\. http:\/\/127\.0\.0\.1:\d+\/fetched-\d+\.sh could not be downloaded: .*ECONNREFUSED/,
    );
    const ended = await bench.client.ended(launched);
    expect(ended).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(ended.errorMessage).toMatch(
      /^http:.*could not be downloaded: .*ECONNREFUSED.* Given up after \d+ attempts\.$/,
    );
    expect(ended.errorMessage).not.toContain('geheim');
    const asked = await openHost(() => 200);
    // Recovery looks every 2 s; what has ended is not its affair any more.
    await sleep(5_000);
    expect(asked()).toBe(0);
    expect(await bench.client.execution(launched)).toEqual(ended);
  });

  it('runs when it is back, and nothing is left of the trouble', async () => {
    const launched = await launchFetched();
    await waitingReason(launched);
    await openHost(() => 200);
    expect(await bench.client.ended(launched)).toMatchObject({
      taskExecutionStatus: 'COMPLETE',
      exitCode: 0,
      errorMessage: null,
    });
  });

  it('runs when it is out of order first', async () => {
    const asked = await openHost((count) => (count === 1 ? 503 : 200));
    const launched = await launchFetched();
    expect((await waitingReason(launched)).errorMessage).toMatch(/answered 503/);
    expect(await bench.client.ended(launched)).toMatchObject({ exitCode: 0, errorMessage: null });
    expect(asked()).toBe(2);
  });

  it('can be stopped while it waits', async () => {
    const launched = await launchFetched();
    await waitingReason(launched);
    expect((await bench.stop(launched)).status).toBe(200);
    expect(await bench.client.ended(launched)).toMatchObject({
      taskExecutionStatus: 'ERROR',
      errorMessage: 'Stopped before it was started.',
    });
  });

  it.each([
    [404, /does not exist/],
    [410, /does not exist/],
    [401, /answered 401\. The credentials/],
    [403, /answered 403\. The credentials/],
  ])('ends at once when the answer is %i', async (status, reason) => {
    const asked = await openHost(() => status);
    const ended = await bench.client.ended(await launchFetched());
    expect(ended).toMatchObject({ taskExecutionStatus: 'ERROR', exitCode: 1 });
    expect(ended.errorMessage).toMatch(reason);
    expect(asked()).toBe(1);
  });
});

describe('a program that fails', () => {
  it('has its last words in the reason, without secrets', async () => {
    await bench.scriptTask(
      'talker',
      'echo "reading" >&2',
      'echo "cannot log in as $APP_USER with $APP_PASSWORD or $SPRING_DATASOURCE_PASSWORD, --api.token=$1" >&2',
      'exit 3',
    );
    const ended = await bench.run('talker', {
      arguments: 'abc',
      properties: 'app.talker.app.user=joe,app.talker.app.password=geheim',
    });
    expect(ended.errorMessage).toBe('exit code 3: cannot log in as joe with ****** or ******, --api.token=******');
  });
});

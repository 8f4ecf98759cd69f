import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ended,
  endReported,
  launchRequest,
  localPlatformBench,
  statusOf,
} from '../../../test/support/local-platform.js';

const bench = localPlatformBench();

describe('LocalPlatform stops', () => {
  it('with SIGTERM to the whole group', async () => {
    const local = await bench.platform();
    const reported = endReported(local, 'task-1');
    await local.launch(launchRequest(await bench.script('tree', '#!/bin/sh\nsh -c "echo ready; sleep 60"\n')));
    await local.cancel('task-1');
    await local.cancel('task-1');
    expect(await reported).toMatchObject({ phase: 'failed', exitCode: 143, reason: 'killed by signal SIGTERM' });
  });

  it('lets a program end in its own way', async () => {
    const local = await bench.platform();
    const text = '#!/bin/sh\ntrap "echo bye; exit 0" TERM\necho ready\nsleep 60 & wait\n';
    await local.launch(launchRequest(await bench.script('polite', text)));
    while (!(await local.log('task-1', {}))!.includes('ready')) await delay(10);
    await local.cancel('task-1');
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
    expect(await local.log('task-1', {})).toBe('stdout:\nready\nbye\n');
  });

  it.each([false, true])('with SIGKILL after the grace period; server changes in between: %s', async (change) => {
    const local = await bench.platform({ 'shutdown-timeout': '1' });
    const stubborn = '#!/bin/sh\ntrap "" TERM\necho ready\nwhile :; do sleep 1; done\n';
    await local.launch(launchRequest(await bench.script('stubborn', stubborn)));
    while (!(await local.log('task-1', {}))!.includes('ready')) await delay(10);
    await local.cancel('task-1');
    let observer = local;
    if (change) {
      await local.close();
      observer = await bench.platform();
    }
    const status = await ended(observer, 'task-1');
    expect(status).toMatchObject({ phase: 'failed', exitCode: 137 });
    expect(status.reason).toBe('killed by signal SIGKILL: it did not end within 1 s after SIGTERM');
  });

  it('what waits for its resource, which then never starts', async () => {
    let arrive: (path: string) => void = () => undefined;
    const local = bench.unstarted({
      resources: { resolve: () => new Promise((resolve) => (arrive = resolve)) },
      parentEnvironment: process.env,
    });
    await bench.script('mark', `#!/bin/sh\ntouch ${bench.root}/started\n`);
    const launch = local.launch(launchRequest('file:///later'));
    while ((await statusOf(local, 'task-1')).phase !== 'waiting') await delay(10);
    await local.cancel('task-1');
    arrive(join(bench.root, 'mark'));
    await launch;
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'failed', reason: 'stopped before it was started' });
    await expect(readFile(join(bench.root, 'started'))).rejects.toThrow('ENOENT');
  });

  it('without complaint what has ended or is unknown', async () => {
    const local = await bench.platform();
    await local.launch(launchRequest('file:///bin/true'));
    await ended(local, 'task-1');
    await local.cancel('task-1');
    await local.cancel('nobody');
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
  });
});

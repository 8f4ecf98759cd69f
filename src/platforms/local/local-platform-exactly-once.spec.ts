import { describe, expect, it } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ended,
  endReported,
  launchRequest,
  localPlatformBench,
  statusOf,
} from '../../../test/support/local-platform.js';

const bench = localPlatformBench();

describe('LocalPlatform starts exactly once', () => {
  it('for many launches of one name by many servers', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => bench.platform()));
    const uri = await bench.script('count', `#!/bin/sh\necho x >> ${bench.root}/count.txt\nsleep 0.2\n`);
    await Promise.all(servers.flatMap((server) => [1, 2, 3].map(() => server.launch(launchRequest(uri)))));
    for (const server of servers) expect(await ended(server, 'task-1')).toMatchObject({ phase: 'succeeded' });
    await servers[0]!.launch(launchRequest(uri));
    expect(await readFile(join(bench.root, 'count.txt'), 'utf8')).toBe('x\n');
  });

  it('and the next server adopts what runs', async () => {
    const first = await bench.platform();
    await first.launch(launchRequest(await bench.script('slow', '#!/bin/sh\nsleep 1; exit 4\n')));
    await first.close();
    const second = await bench.platform();
    const reported = endReported(second, 'task-1');
    expect(await statusOf(second, 'task-1')).toMatchObject({ phase: 'running' });
    expect(await reported).toMatchObject({ phase: 'failed', exitCode: 4 });
  });

  it('and says when a process vanished', async () => {
    const local = await bench.platform();
    await local.launch(launchRequest(await bench.script('slow', '#!/bin/sh\nsleep 60\n')));
    const reported = endReported(local, 'task-1');
    const claim = await readFile(join(bench.root, 'tasks', 'task-1', 'claim'), 'utf8');
    process.kill(-Number(/^process (\d+) /.exec(claim)![1]), 'SIGKILL');
    const status = await reported;
    expect(status).toMatchObject({ phase: 'failed', exitCode: undefined });
    expect(status.reason).toMatch(/^process vanished/);
    expect(await statusOf(await bench.platform(), 'task-1')).toEqual(status);
  });

  it('does not take another process with the same id for its own', async () => {
    const local = await bench.platform();
    await local.launch(launchRequest(await bench.script('quick', '#!/bin/sh\n')));
    await ended(local, 'task-1');
    const directory = join(bench.root, 'tasks', 'task-1');
    await rm(join(directory, 'exit-code'));
    await writeFile(join(directory, 'claim'), `process ${process.pid} other-boot/1\n`);
    expect(await statusOf(local, 'task-1')).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(/vanished/),
    });
  });
});

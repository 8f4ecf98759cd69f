import { describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ended,
  endReported,
  launchRequest,
  localPlatformBench,
  statusOf,
} from '../../../test/support/local-platform.js';

const bench = localPlatformBench();

describe('LocalPlatform runs programs', () => {
  it('reports success with times and log', async () => {
    const local = await bench.platform();
    const reported = endReported(local, 'task-1');
    const startedAt = await local.launch(
      launchRequest(await bench.script('hello', '#!/bin/sh\necho "hello $1"; echo oops >&2\n'), { arguments: ['a b'] }),
    );
    const status = await reported;
    expect(status).toMatchObject({
      phase: 'succeeded',
      exitCode: 0,
      execution: { id: 1, schemaTarget: 'boot2' },
      reason: undefined,
    });
    expect(status.startedAt!.getTime()).toBeLessThanOrEqual(status.endedAt!.getTime());
    expect(startedAt).toEqual(status.startedAt);
    expect(await local.log('task-1', {})).toBe('stderr:\noops\nstdout:\nhello a b\n');
    expect(await local.log('task-1', { tailLines: 0 })).toBe('');
  });

  it.each([
    ['exit 3', 3, 'exit code 3'],
    ['kill -TERM $$', 143, 'killed by signal SIGTERM'],
    ['kill -KILL $$', 137, 'killed by signal SIGKILL'],
    ['nosuchcommand', 127, expect.stringMatching(/^exit code 127: a command was not found: .*nosuchcommand/)],
    ['echo "cannot open input.csv" >&2; exit 3', 3, 'exit code 3: cannot open input.csv'],
    ["printf '\\033[31mred\\033[0m \\007bell\\n\\n' >&2; exit 4", 4, 'exit code 4: red   bell'],
    ["printf 'Caused by: it\\n\\tat a.B\\n\\t... 7 more\\n' >&2; exit 1", 1, 'exit code 1: Caused by: it'],
    ["printf '%0300d' 0 >&2; exit 5", 5, `exit code 5: ${'0'.repeat(200)}…`],
    ['echo gone >&2; kill -TERM $$', 143, 'killed by signal SIGTERM'],
  ])('%s fails with its exit code', async (line, exitCode, reason) => {
    const local = await bench.platform();
    await local.launch(launchRequest(await bench.script('fail', `#!/bin/sh\n${line}\n`)));
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'failed', exitCode, reason });
  });

  it('hands over arguments and facts untouched by any shell', async () => {
    const local = await bench.platform();
    const show = '#!/bin/sh\nfor a in "$@"; do echo "<$a>"; done; pwd; env\n';
    const nasty = ['$(touch pwned)', '; touch pwned', "'", '"', '`id`', '*', 'a\nb', '-n', ''];
    await local.launch(
      launchRequest(await bench.script('show', show), {
        arguments: nasty,
        springArguments: ['--spring.cloud.task.executionid=17', '--app.show.spring.cloud.task.tablePrefix=TASK_'],
        appProperties: {
          'spring.datasource.driver-class-name': 'org.postgresql.Driver',
          path: '/nowhere',
          LANG: 'tlh',
        },
        dataSource: { 'spring.datasource.url': 'jdbc:postgresql://db/tasks' },
      }),
    );
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
    const log = (await local.log('task-1', {}))!;
    expect(log).toContain(nasty.map((argument) => `<${argument}>\n`).join(''));
    const lines = log.split('\n');
    expect(lines).toContain('SPRING_CLOUD_TASK_EXECUTIONID=17');
    expect(lines).toContain('SPRING_DATASOURCE_DRIVERCLASSNAME=org.postgresql.Driver');
    expect(lines).toContain('SPRING_DATASOURCE_URL=jdbc:postgresql://db/tasks');
    expect(lines).toContain('LANG=tlh');
    expect(lines).toContain('LC_TEST=inherited');
    expect(lines).toContain(`PATH=${process.env['PATH']}`);
    expect(lines).toContain(join(bench.root, 'tasks', 'task-1', 'work'));
    expect(log).not.toContain('SECRET_OF_SERVER');
    expect(log).not.toContain('APP_SHOW');
    const json = lines.find((line) => line.startsWith('SPRING_APPLICATION_JSON='))!;
    expect(JSON.parse(json.slice(json.indexOf('=') + 1))).toMatchObject({ path: '/nowhere' });
  });

  it('runs a script without execute permission through its interpreter', async () => {
    const local = await bench.platform();
    const uri = await bench.script('plain', '#!/usr/bin/env -S sh -e\necho "$0 $1"\n', 0o644);
    await local.launch(launchRequest(uri, { arguments: ['x'] }));
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
    expect(await local.log('task-1', {})).toBe(`stdout:\n${join(bench.root, 'plain')} x\n`);
  });

  it('runs in a working directory below the root that the launch asks for', async () => {
    const local = await bench.platform();
    const elsewhere = join(bench.root, 'else where');
    const deploymentProperties = { 'local.workingDirectoriesRoot': elsewhere };
    await local.launch(launchRequest(await bench.script('pwd', '#!/bin/sh\npwd\n'), { deploymentProperties }));
    await ended(local, 'task-1');
    expect(await local.log('task-1', {})).toBe(`stdout:\n${elsewhere}/task-1\n`);
  });

  it('gives signals their default effect in the program', async () => {
    const local = await bench.platform();
    // A shell cannot set a trap for a signal that was ignored when it began.
    const text =
      '#!/bin/sh\nfor s in HUP INT QUIT TERM PIPE; do (trap "echo $s" $s; kill -$s $(exec sh -c "echo \\$PPID"); :); done\n';
    await local.launch(launchRequest(await bench.script('signals', text)));
    await ended(local, 'task-1');
    expect(await local.log('task-1', {})).toBe('stdout:\nHUP\nINT\nQUIT\nTERM\nPIPE\n');
  });
});

describe('LocalPlatform keeps and forgets', () => {
  it('the log over server changes until clean-up', async () => {
    const first = await bench.platform();
    await first.launch(launchRequest(await bench.script('talk', '#!/bin/sh\nseq 1 5\nprintf end\n')));
    await ended(first, 'task-1');
    await first.launch(launchRequest(await bench.script('talk2', '#!/bin/sh\n'), { externalExecutionId: 'task-2' }));
    const second = await bench.platform();
    expect(await second.log('task-1', {})).toBe('stdout:\n1\n2\n3\n4\n5\nend');
    expect(await second.log('task-1', { tailLines: 2 })).toBe('stdout:\n5\nend');
    await second.cleanUp('task-1');
    await second.cleanUp('task-1');
    expect(await second.log('task-1', {})).toBeUndefined();
    expect(await statusOf(second, 'task-1')).toMatchObject({ phase: 'gone', execution: undefined });
  });

  it('a long log to its last megabyte', async () => {
    const local = await bench.platform();
    await local.launch(launchRequest(await bench.script('long', '#!/bin/sh\nseq -f "%0100.0f" 1 30000\n')));
    await ended(local, 'task-1');
    const log = (await local.log('task-1', {}))!;
    expect(log).toMatch(/^stdout:\n\[\d+ bytes left out: the log is longer than 1048576 bytes\]\n0{90,}\d+\n/);
    expect(log.endsWith(`${'30000'.padStart(100, '0')}\n`)).toBe(true);
    expect(log.length).toBeLessThan(1_050_000);
  });

  it('nothing of what runs at clean-up, and the files of the program when asked to', async () => {
    const local = await bench.platform({ 'delete-files-on-exit': 'false' });
    await local.launch(
      launchRequest(await bench.script('write', '#!/bin/sh\necho kept > file\nread x < wait-for-me || sleep 1\n')),
    );
    await local.cleanUp('task-1');
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'running' });
    await ended(local, 'task-1');
    await local.cleanUp('task-1');
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'gone' });
    expect(await readFile(join(bench.root, 'tasks', 'task-1', 'work', 'file'), 'utf8')).toBe('kept\n');
  });

  it('says when its directory cannot be used', async () => {
    await writeFile(join(bench.root, 'tasks'), 'a file in the way');
    expect(await (await bench.platform()).health()).toMatch(
      /^The Local platform account 'default' cannot start tasks: .*tasks/,
    );
  });
});

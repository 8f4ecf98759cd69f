import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccountSettings } from '../../configuration/configuration.js';
import {
  InvalidLaunchRequestError,
  PlatformLaunchError,
  type LaunchRequest,
  type PlatformStatus,
} from '../platform.js';
import { LocalPlatform } from './local-platform.js';

let root: string;
let platforms: LocalPlatform[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'local-platform-'));
  platforms = [];
});

afterEach(async () => {
  for (const platform of platforms) await platform.close();
  await rm(root, { recursive: true, force: true });
});

/** A platform as a server process has it; several of them on one directory are servers that followed one another. */
async function platform(settings: AccountSettings = {}): Promise<LocalPlatform> {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const created = new LocalPlatform({
    accountName: 'default',
    settings,
    workingDirectory: join(root, 'tasks'),
    resources: { resolve: async (uri) => fileURLToPath(uri) },
    javaHomePaths: { boot2: undefined, boot3: undefined },
    parentEnvironment: { ...process.env, LC_TEST: 'inherited', SECRET_OF_SERVER: 'not inherited' },
    logger: log,
  });
  platforms.push(created);
  await created.start();
  return created;
}

async function script(name: string, text: string, mode = 0o755): Promise<string> {
  const path = join(root, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return pathToFileURL(path).href;
}

function request(resourceUri: string, changes: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    externalExecutionId: 'task-1',
    execution: { id: 1, schemaTarget: 'boot2', instanceId: 'test' },
    taskName: 'task',
    resourceUri,
    bootVersion: '2',
    appProperties: {},
    dataSource: {},
    deploymentProperties: {},
    arguments: [],
    springArguments: [],
    ...changes,
  };
}

async function statusOf(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  const [status] = await of.status([id]);
  return status!;
}

async function ended(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  for (;;) {
    const status = await statusOf(of, id);
    if (!['waiting', 'running'].includes(status.phase)) return status;
    await delay(20);
  }
}

/** Resolves with the first change to an ended state. */
function endReported(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  return new Promise((resolve) => {
    of.onChange((status) => {
      if (status.externalExecutionId === id && ['succeeded', 'failed'].includes(status.phase)) resolve(status);
    });
  });
}

describe('LocalPlatform runs programs', () => {
  it('reports success with times and log', async () => {
    const local = await platform();
    const reported = endReported(local, 'task-1');
    await local.launch(
      request(await script('hello', '#!/bin/sh\necho "hello $1"; echo oops >&2\n'), { arguments: ['a b'] }),
    );
    const status = await reported;
    expect(status).toMatchObject({
      phase: 'succeeded',
      exitCode: 0,
      execution: { id: 1, schemaTarget: 'boot2' },
      reason: undefined,
    });
    expect(status.startedAt!.getTime()).toBeLessThanOrEqual(status.endedAt!.getTime());
    expect(await local.log('task-1', {})).toBe('stderr:\noops\nstdout:\nhello a b\n');
    expect(await local.log('task-1', { tailLines: 0 })).toBe('');
  });

  it.each([
    ['exit 3', 3, 'exit code 3'],
    ['kill -TERM $$', 143, 'killed by signal SIGTERM'],
    ['kill -KILL $$', 137, 'killed by signal SIGKILL'],
    ['nosuchcommand', 127, 'exit code 127: a command was not found'],
  ])('%s fails with its exit code', async (line, exitCode, reason) => {
    const local = await platform();
    await local.launch(request(await script('fail', `#!/bin/sh\n${line}\n`)));
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'failed', exitCode, reason });
  });

  it('hands over arguments and facts untouched by any shell', async () => {
    const local = await platform();
    const show = '#!/bin/sh\nfor a in "$@"; do echo "<$a>"; done; pwd; env\n';
    const nasty = ['$(touch pwned)', '; touch pwned', "'", '"', '`id`', '*', 'a\nb', '-n', ''];
    await local.launch(
      request(await script('show', show), {
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
    expect(lines).toContain(join(root, 'tasks', 'task-1', 'work'));
    expect(log).not.toContain('SECRET_OF_SERVER');
    expect(log).not.toContain('APP_SHOW');
    const json = lines.find((line) => line.startsWith('SPRING_APPLICATION_JSON='))!;
    expect(JSON.parse(json.slice(json.indexOf('=') + 1))).toMatchObject({ path: '/nowhere' });
  });

  it('runs a script without execute permission through its interpreter', async () => {
    const local = await platform();
    const uri = await script('plain', '#!/usr/bin/env -S sh -e\necho "$0 $1"\n', 0o644);
    await local.launch(request(uri, { arguments: ['x'] }));
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
    expect(await local.log('task-1', {})).toBe(`stdout:\n${join(root, 'plain')} x\n`);
  });

  it('runs in a working directory below the root that the launch asks for', async () => {
    const local = await platform();
    const elsewhere = join(root, 'else where');
    const deploymentProperties = { 'local.workingDirectoriesRoot': elsewhere };
    await local.launch(request(await script('pwd', '#!/bin/sh\npwd\n'), { deploymentProperties }));
    await ended(local, 'task-1');
    expect(await local.log('task-1', {})).toBe(`stdout:\n${elsewhere}/task-1\n`);
  });

  it('gives signals their default effect in the program', async () => {
    const local = await platform();
    // A shell cannot set a trap for a signal that was ignored when it began.
    const text =
      '#!/bin/sh\nfor s in HUP INT QUIT TERM PIPE; do (trap "echo $s" $s; kill -$s $(exec sh -c "echo \\$PPID"); :); done\n';
    await local.launch(request(await script('signals', text)));
    await ended(local, 'task-1');
    expect(await local.log('task-1', {})).toBe('stdout:\nHUP\nINT\nQUIT\nTERM\nPIPE\n');
  });
});

describe('LocalPlatform refuses', () => {
  it.each([
    ['a file that is not there', 'none', undefined, 0, /none does not exist/],
    ['a file that nothing can run', 'data.txt', 'just text', 0o644, /data\.txt cannot be run: it is no jar/],
    [
      'a script whose interpreter is not there',
      's',
      '#!/no/such/interpreter\n',
      0o755,
      /interpreter \/no\/such\/interpreter/,
    ],
  ])('%s, at once and for good', async (_what, name, text, mode, message) => {
    const local = await platform();
    const uri = text === undefined ? pathToFileURL(join(root, name)).href : await script(name, text, mode);
    const reported = endReported(local, 'task-1');
    for (const server of [local, await platform()]) {
      const refusal = server.launch(request(uri));
      await expect(refusal).rejects.toBeInstanceOf(PlatformLaunchError);
      await expect(refusal).rejects.toThrow(message);
    }
    expect(await reported).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(message),
      exitCode: undefined,
    });
  });

  it('a jar when there is no Java', async () => {
    const local = await platform({ 'java-home-path': { '2': '/no/such/jdk' } });
    await expect(local.launch(request(await script('a.jar', 'PK')))).rejects.toThrow(
      "There is no Java at /no/such/jdk/bin/java, which 'java-home-path.2' sets.",
    );
  });

  it('an image when there is neither docker nor podman', async () => {
    const local = new LocalPlatform({
      accountName: 'default',
      settings: {},
      workingDirectory: join(root, 'tasks'),
      resources: { resolve: async (uri) => uri },
      javaHomePaths: { boot2: undefined, boot3: undefined },
      parentEnvironment: { PATH: root },
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    platforms.push(local);
    await expect(local.launch(request('docker:busybox'))).rejects.toThrow(/neither 'docker' nor 'podman'/);
    expect(await statusOf(local, 'task-1')).toMatchObject({
      phase: 'failed',
      reason: expect.stringContaining('podman'),
    });
  });

  it.each<[string, Partial<LaunchRequest>, string]>([
    ['an unknown property', { deploymentProperties: { 'local.javaOps': '-Xmx1g' } }, "Did you mean 'local.java-opts'?"],
    [
      'a value that does not parse',
      { deploymentProperties: { 'spring.cloud.deployer.local.shutdown-timeout': 'soon' } },
      "'spring.cloud.deployer.local.shutdown-timeout' has the value 'soon'. It must be a whole number from 0 to 604800.",
    ],
    ['a size that does not parse', { deploymentProperties: { memory: 'much' } }, 'such as 512, 512m or 2g'],
    ['an unknown scheme', { resourceUri: 'ftp://host/x.jar' }, 'It must be a URI that begins with file:'],
    ['a relative file', { resourceUri: 'file:x.jar' }, 'It must be file:/<absolute path>'],
    ['a NUL in an argument', { arguments: ['a\0b'] }, 'NUL character'],
  ])('%s before anything is written', async (_what, changes, message) => {
    const local = await platform();
    const invalid = request('file:///bin/true', changes);
    expect(() => local.validate(invalid)).toThrow(InvalidLaunchRequestError);
    expect(() => local.validate(invalid)).toThrow(message);
    await expect(local.launch(invalid)).rejects.toBeInstanceOf(InvalidLaunchRequestError);
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'gone' });
  });

  it.each(['../escape', 'a/b', '', '.hidden', 'a\0b', 'x'.repeat(300)])('the execution name %j', async (name) => {
    const local = await platform();
    await expect(local.launch(request('file:///bin/true', { externalExecutionId: name }))).rejects.toBeInstanceOf(
      InvalidLaunchRequestError,
    );
    expect(await statusOf(local, name)).toMatchObject({ phase: 'gone' });
    expect(await local.log(name, {})).toBeUndefined();
    await local.cancel(name);
    await local.cleanUp(name);
  });

  it('accepts properties of other platforms', async () => {
    const local = await platform();
    const deploymentProperties = {
      'kubernetes.limits.memory': '1Gi',
      memory: '1g',
      cpu: '500m',
      'local.hostname': 'x',
    };
    expect(() => local.validate(request('file:///bin/true', { deploymentProperties }))).not.toThrow();
  });

  it('arguments that are too long for a process', async () => {
    const local = await platform();
    const launch = local.launch(request('file:///bin/true', { arguments: ['x'.repeat(3_000_000)] }));
    await expect(launch).rejects.toThrow(/longer than the operating system allows/);
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'failed' });
  });
});

describe('LocalPlatform starts exactly once', () => {
  it('for many launches of one name by many servers', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => platform()));
    const uri = await script('count', `#!/bin/sh\necho x >> ${root}/count.txt\nsleep 0.2\n`);
    await Promise.all(servers.flatMap((server) => [1, 2, 3].map(() => server.launch(request(uri)))));
    for (const server of servers) expect(await ended(server, 'task-1')).toMatchObject({ phase: 'succeeded' });
    await servers[0]!.launch(request(uri));
    expect(await readFile(join(root, 'count.txt'), 'utf8')).toBe('x\n');
  });

  it('and the next server adopts what runs', async () => {
    const first = await platform();
    await first.launch(request(await script('slow', '#!/bin/sh\nsleep 1; exit 4\n')));
    await first.close();
    const second = await platform();
    const reported = endReported(second, 'task-1');
    expect(await statusOf(second, 'task-1')).toMatchObject({ phase: 'running' });
    expect(await reported).toMatchObject({ phase: 'failed', exitCode: 4 });
  });

  it('and says when a process vanished', async () => {
    const local = await platform();
    await local.launch(request(await script('slow', '#!/bin/sh\nsleep 60\n')));
    const reported = endReported(local, 'task-1');
    const claim = await readFile(join(root, 'tasks', 'task-1', 'claim'), 'utf8');
    process.kill(-Number(/^process (\d+) /.exec(claim)![1]), 'SIGKILL');
    const status = await reported;
    expect(status).toMatchObject({ phase: 'failed', exitCode: undefined });
    expect(status.reason).toMatch(/^process vanished/);
    expect(await statusOf(await platform(), 'task-1')).toEqual(status);
  });

  it('does not take another process with the same id for its own', async () => {
    const local = await platform();
    await local.launch(request(await script('quick', '#!/bin/sh\n')));
    await ended(local, 'task-1');
    const directory = join(root, 'tasks', 'task-1');
    await rm(join(directory, 'exit-code'));
    await writeFile(join(directory, 'claim'), `process ${process.pid} other-boot/1\n`);
    expect(await statusOf(local, 'task-1')).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(/vanished/),
    });
  });
});

describe('LocalPlatform stops', () => {
  it('with SIGTERM to the whole group', async () => {
    const local = await platform();
    const reported = endReported(local, 'task-1');
    await local.launch(request(await script('tree', '#!/bin/sh\nsh -c "echo ready; sleep 60"\n')));
    await local.cancel('task-1');
    await local.cancel('task-1');
    expect(await reported).toMatchObject({ phase: 'failed', exitCode: 143, reason: 'killed by signal SIGTERM' });
  });

  it('lets a program end in its own way', async () => {
    const local = await platform();
    const text = '#!/bin/sh\ntrap "echo bye; exit 0" TERM\necho ready\nsleep 60 & wait\n';
    await local.launch(request(await script('polite', text)));
    while (!(await local.log('task-1', {}))!.includes('ready')) await delay(10);
    await local.cancel('task-1');
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
    expect(await local.log('task-1', {})).toBe('stdout:\nready\nbye\n');
  });

  it.each([false, true])('with SIGKILL after the grace period; server changes in between: %s', async (change) => {
    const local = await platform({ 'shutdown-timeout': '1' });
    const stubborn = '#!/bin/sh\ntrap "" TERM\necho ready\nwhile :; do sleep 1; done\n';
    await local.launch(request(await script('stubborn', stubborn)));
    while (!(await local.log('task-1', {}))!.includes('ready')) await delay(10);
    await local.cancel('task-1');
    let observer = local;
    if (change) {
      await local.close();
      observer = await platform();
    }
    const status = await ended(observer, 'task-1');
    expect(status).toMatchObject({ phase: 'failed', exitCode: 137 });
    expect(status.reason).toBe('killed by signal SIGKILL: it did not end within 1 s after SIGTERM');
  });

  it('what waits for its resource, which then never starts', async () => {
    let arrive: (path: string) => void = () => undefined;
    const local = new LocalPlatform({
      accountName: 'default',
      settings: {},
      workingDirectory: join(root, 'tasks'),
      resources: { resolve: () => new Promise((resolve) => (arrive = resolve)) },
      javaHomePaths: { boot2: undefined, boot3: undefined },
      parentEnvironment: process.env,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    platforms.push(local);
    await script('mark', `#!/bin/sh\ntouch ${root}/started\n`);
    const launch = local.launch(request('file:///later'));
    while ((await statusOf(local, 'task-1')).phase !== 'waiting') await delay(10);
    await local.cancel('task-1');
    arrive(join(root, 'mark'));
    await launch;
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'failed', reason: 'stopped before it was started' });
    await expect(readFile(join(root, 'started'))).rejects.toThrow('ENOENT');
  });

  it('without complaint what has ended or is unknown', async () => {
    const local = await platform();
    await local.launch(request('file:///bin/true'));
    await ended(local, 'task-1');
    await local.cancel('task-1');
    await local.cancel('nobody');
    expect(await ended(local, 'task-1')).toMatchObject({ phase: 'succeeded' });
  });
});

describe('LocalPlatform keeps and forgets', () => {
  it('the log over server changes until clean-up', async () => {
    const first = await platform();
    await first.launch(request(await script('talk', '#!/bin/sh\nseq 1 5\nprintf end\n')));
    await ended(first, 'task-1');
    await first.launch(request(await script('talk2', '#!/bin/sh\n'), { externalExecutionId: 'task-2' }));
    const second = await platform();
    expect(await second.log('task-1', {})).toBe('stdout:\n1\n2\n3\n4\n5\nend');
    expect(await second.log('task-1', { tailLines: 2 })).toBe('stdout:\n5\nend');
    await second.cleanUp('task-1');
    await second.cleanUp('task-1');
    expect(await second.log('task-1', {})).toBeUndefined();
    expect(await statusOf(second, 'task-1')).toMatchObject({ phase: 'gone', execution: undefined });
  });

  it('a long log to its last megabyte', async () => {
    const local = await platform();
    await local.launch(request(await script('long', '#!/bin/sh\nseq -f "%0100.0f" 1 30000\n')));
    await ended(local, 'task-1');
    const log = (await local.log('task-1', {}))!;
    expect(log).toMatch(/^stdout:\n\[\d+ bytes left out: the log is longer than 1048576 bytes\]\n0{90,}\d+\n/);
    expect(log.endsWith(`${'30000'.padStart(100, '0')}\n`)).toBe(true);
    expect(log.length).toBeLessThan(1_050_000);
  });

  it('nothing of what runs at clean-up, and the files of the program when asked to', async () => {
    const local = await platform({ 'delete-files-on-exit': 'false' });
    await local.launch(
      request(await script('write', '#!/bin/sh\necho kept > file\nread x < wait-for-me || sleep 1\n')),
    );
    await local.cleanUp('task-1');
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'running' });
    await ended(local, 'task-1');
    await local.cleanUp('task-1');
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'gone' });
    expect(await readFile(join(root, 'tasks', 'task-1', 'work', 'file'), 'utf8')).toBe('kept\n');
  });

  it('says when its directory cannot be used', async () => {
    await writeFile(join(root, 'tasks'), 'a file in the way');
    expect(await (await platform()).health()).toMatch(
      /^The Local platform account 'default' cannot start tasks: .*tasks/,
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LaunchRequest, PlatformStatus } from '../platform.js';
import { LocalPlatform } from './local-platform.js';

/** Whether a command works on this machine; says so when it does not, since its tests are left out then. */
function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch {
    console.log(`left out: '${command} ${args.join(' ')}' does not work here`);
    return false;
  }
}

let root: string;
let platform: LocalPlatform;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'real-runtimes-'));
  platform = new LocalPlatform({
    accountName: 'default',
    settings: {},
    instanceId: 'test',
    workingDirectory: join(root, 'tasks'),
    resources: { resolve: async (uri) => fileURLToPath(uri) },
    javaHomePaths: { boot2: undefined, boot3: undefined },
    parentEnvironment: process.env,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await platform.start();
});

afterAll(async () => {
  await platform.close();
  await rm(root, { recursive: true, force: true });
});

function request(changes: Partial<LaunchRequest>): LaunchRequest {
  return {
    externalExecutionId: 'task-1',
    execution: { id: 1, schemaTarget: 'boot2', instanceId: 'test' },
    taskName: 'task',
    resourceUri: '',
    bootVersion: '3',
    appProperties: { greeting: 'hello' },
    dataSource: {},
    deploymentProperties: {},
    arguments: ['--mine=a b'],
    springArguments: ['--spring.cloud.task.executionid=1'],
    ...changes,
  };
}

async function ended(id: string): Promise<PlatformStatus> {
  for (;;) {
    const [status] = await platform.status([id]);
    if (!['waiting', 'running'].includes(status!.phase)) return status!;
    await delay(50);
  }
}

async function logged(id: string, text: string): Promise<void> {
  while (!(await platform.log(id, {}))!.includes(text)) await delay(20);
}

const withJdk = works('javac', '-version') && works('jar', '--version') ? describe : describe.skip;
withJdk('a jar on the real Java', () => {
  const SOURCE = `public class Main {
    public static void main(String[] args) throws Exception {
      System.out.println(String.join("|", args) + " " + System.getProperty("a") + " " + System.getenv("SPRING_APPLICATION_JSON"));
      if (args[0].equals("wait")) Thread.sleep(60000);
      System.exit(5);
    }
  }`;

  beforeAll(async () => {
    await writeFile(join(root, 'Main.java'), SOURCE);
    execFileSync('javac', ['-d', root, join(root, 'Main.java')]);
    execFileSync('jar', ['cfe', join(root, 'main.jar'), 'Main', '-C', root, 'Main.class']);
  }, 60_000);

  it('gets options, arguments and properties, and its exit code is known', async () => {
    const resourceUri = pathToFileURL(join(root, 'main.jar')).href;
    const deploymentProperties = { 'local.java-opts': '-Da="b c"', memory: '64m' };
    await platform.launch(request({ externalExecutionId: 'java-1', resourceUri, deploymentProperties }));
    expect(await ended('java-1')).toMatchObject({ phase: 'failed', exitCode: 5 });
    expect(await platform.log('java-1', {})).toBe(
      'stdout:\n--mine=a b|--spring.cloud.task.executionid=1 b c {"greeting":"hello","server.port":"0"}\n',
    );
  }, 60_000);

  it('is stopped by SIGTERM', async () => {
    const resourceUri = pathToFileURL(join(root, 'main.jar')).href;
    await platform.launch(request({ externalExecutionId: 'java-2', resourceUri, arguments: ['wait'] }));
    await logged('java-2', 'wait');
    await platform.cancel('java-2');
    expect(await ended('java-2')).toMatchObject({ exitCode: 143, reason: 'killed by signal SIGTERM' });
  }, 60_000);
});

const engine = ['docker', 'podman'].find((command) => works(command, 'info'));
const withImage = engine !== undefined && works(engine, 'pull', 'busybox') ? describe : describe.skip;
withImage('an image on the real container engine', () => {
  const image = (id: string, script: string) =>
    request({
      externalExecutionId: id,
      resourceUri: 'docker:busybox',
      arguments: ['sh', '-c', script],
      springArguments: [],
    });

  it('runs once, with log and exit code', async () => {
    const launch = image(`millrace-test-${process.pid}-1`, 'echo $SPRING_APPLICATION_JSON; exit 3');
    await platform.launch(launch);
    await platform.launch(launch);
    expect(await ended(launch.externalExecutionId)).toMatchObject({ phase: 'failed', exitCode: 3 });
    expect(await platform.log(launch.externalExecutionId, {})).toBe('stdout:\n{"greeting":"hello"}\n');
    await platform.cleanUp(launch.externalExecutionId);
  }, 120_000);

  it('is stopped', async () => {
    const launch = image(
      `millrace-test-${process.pid}-2`,
      'trap "exit 4" TERM; echo ready; while :; do sleep 0.1; done',
    );
    await platform.launch(launch);
    await logged(launch.externalExecutionId, 'ready');
    await platform.cancel(launch.externalExecutionId);
    expect(await ended(launch.externalExecutionId)).toMatchObject({ exitCode: 4 });
  }, 120_000);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ended, launchRequest, localPlatformBench } from '../../../test/support/local-platform.js';
import type { LaunchRequest } from '../platform.js';
import type { LocalPlatform } from './local-platform.js';

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

const bench = localPlatformBench();
let platform: LocalPlatform;

beforeEach(async () => {
  platform = await bench.platform();
});

const request = (resourceUri: string, changes: Partial<LaunchRequest>) =>
  launchRequest(resourceUri, {
    bootVersion: '3',
    appProperties: { greeting: 'hello' },
    arguments: ['--mine=a b'],
    springArguments: ['--spring.cloud.task.executionid=1'],
    ...changes,
  });

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

  let workshop: string;
  let jar: string;

  beforeAll(async () => {
    workshop = await mkdtemp(join(tmpdir(), 'real-runtimes-'));
    await writeFile(join(workshop, 'Main.java'), SOURCE);
    execFileSync('javac', ['-d', workshop, join(workshop, 'Main.java')]);
    execFileSync('jar', ['cfe', join(workshop, 'main.jar'), 'Main', '-C', workshop, 'Main.class']);
    jar = pathToFileURL(join(workshop, 'main.jar')).href;
  }, 60_000);
  afterAll(async () => {
    await rm(workshop, { recursive: true, force: true });
  });

  it('gets options, arguments and properties, and its exit code is known', async () => {
    const deploymentProperties = { 'local.java-opts': '-Da="b c"', memory: '64m' };
    await platform.launch(request(jar, { externalExecutionId: 'java-1', deploymentProperties }));
    expect(await ended(platform, 'java-1')).toMatchObject({ phase: 'failed', exitCode: 5 });
    expect(await platform.log('java-1', {})).toBe(
      'stdout:\n--mine=a b|--spring.cloud.task.executionid=1 b c {"greeting":"hello","server.port":"0"}\n',
    );
  }, 60_000);

  it('is stopped by SIGTERM', async () => {
    await platform.launch(request(jar, { externalExecutionId: 'java-2', arguments: ['wait'] }));
    await logged('java-2', 'wait');
    await platform.cancel('java-2');
    expect(await ended(platform, 'java-2')).toMatchObject({ exitCode: 143, reason: 'killed by signal SIGTERM' });
  }, 60_000);
});

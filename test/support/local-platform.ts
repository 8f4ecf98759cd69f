import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach } from '@jest/globals';
import type { AccountSettings } from '../../src/configuration/configuration.js';
import { LocalPlatform } from '../../src/platforms/local/local-platform.js';
import type { LaunchRequest, PlatformStatus } from '../../src/platforms/platform.js';

/** Everything that a platform is made of. */
export type LocalPlatformInput = ConstructorParameters<typeof LocalPlatform>[0];

/**
 * Platforms of the Local kind on one directory, which goes with the test; several of them are servers that followed one
 * another.
 */
export interface LocalPlatformBench {
  /** Holds `tasks`, the working directory of the platforms, and the scripts. */
  readonly root: string;
  /** A platform as a server process has it, started. */
  platform(settings?: AccountSettings): Promise<LocalPlatform>;
  /** A platform that differs in more than its settings; not started. */
  unstarted(changes: Partial<LocalPlatformInput>): LocalPlatform;
  /** Writes a program. @returns its URI */
  script(name: string, text: string, mode?: number): Promise<string>;
}

/** A fresh bench for each test of the file that calls this. */
export function localPlatformBench(): LocalPlatformBench {
  let root = '';
  let platforms: LocalPlatform[] = [];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'local-platform-'));
    platforms = [];
  });
  afterEach(async () => {
    for (const platform of platforms) await platform.close();
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  const unstarted = (changes: Partial<LocalPlatformInput>): LocalPlatform => {
    const created = new LocalPlatform({
      accountName: 'default',
      settings: {},
      instanceId: 'test',
      workingDirectory: join(root, 'tasks'),
      resources: { resolve: async (uri) => fileURLToPath(uri) },
      javaHomePaths: { boot2: undefined, boot3: undefined },
      parentEnvironment: { ...process.env, LC_TEST: 'inherited', SECRET_OF_SERVER: 'not inherited' },
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      ...changes,
    });
    platforms.push(created);
    return created;
  };
  return {
    get root() {
      return root;
    },
    unstarted,
    async platform(settings = {}) {
      const created = unstarted({ settings });
      await created.start();
      return created;
    },
    async script(name, text, mode = 0o755) {
      const path = join(root, name);
      await writeFile(path, text);
      await chmod(path, mode);
      return pathToFileURL(path).href;
    },
  };
}

/** A launch of `task-1`, with what a test wants different. */
export function launchRequest(resourceUri: string, changes: Partial<LaunchRequest> = {}): LaunchRequest {
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

export async function statusOf(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  const [status] = await of.status([id]);
  if (status === undefined) throw new Error(`the platform says nothing about ${id}`);
  return status;
}

/** Asks until the execution has ended. */
export async function ended(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  for (;;) {
    const status = await statusOf(of, id);
    if (!['waiting', 'running'].includes(status.phase)) return status;
    await delay(20);
  }
}

/** Resolves with the first change to an ended state. */
export function endReported(of: LocalPlatform, id: string): Promise<PlatformStatus> {
  return new Promise((resolve) => {
    of.onChange((status) => {
      if (status.externalExecutionId === id && ['succeeded', 'failed'].includes(status.phase)) resolve(status);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endReported, launchRequest, localPlatformBench, statusOf } from '../../../test/support/local-platform.js';
import { InvalidLaunchRequestError, PlatformLaunchError, type LaunchRequest } from '../platform.js';

const bench = localPlatformBench();

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
    const local = await bench.platform();
    const uri = text === undefined ? pathToFileURL(join(bench.root, name)).href : await bench.script(name, text, mode);
    const reported = endReported(local, 'task-1');
    for (const server of [local, await bench.platform()]) {
      const refusal = server.launch(launchRequest(uri));
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
    const local = await bench.platform({ 'java-home-path': { '2': '/no/such/jdk' } });
    await expect(local.launch(launchRequest(await bench.script('a.jar', 'PK')))).rejects.toThrow(
      "There is no Java at /no/such/jdk/bin/java, which 'java-home-path.2' sets.",
    );
  });

  it('an image when there is neither docker nor podman', async () => {
    const local = bench.unstarted({
      resources: { resolve: async (uri) => uri },
      parentEnvironment: { PATH: bench.root },
    });
    await expect(local.launch(launchRequest('docker:busybox'))).rejects.toThrow(/neither 'docker' nor 'podman'/);
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
    const local = await bench.platform();
    const invalid = launchRequest('file:///bin/true', changes);
    expect(() => local.validate(invalid)).toThrow(InvalidLaunchRequestError);
    expect(() => local.validate(invalid)).toThrow(message);
    await expect(local.launch(invalid)).rejects.toBeInstanceOf(InvalidLaunchRequestError);
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'gone' });
  });

  it.each(['../escape', 'a/b', '', '.hidden', 'a\0b', 'x'.repeat(300)])('the execution name %j', async (name) => {
    const local = await bench.platform();
    await expect(local.launch(launchRequest('file:///bin/true', { externalExecutionId: name }))).rejects.toBeInstanceOf(
      InvalidLaunchRequestError,
    );
    expect(await statusOf(local, name)).toMatchObject({ phase: 'gone' });
    expect(await local.log(name, {})).toBeUndefined();
    await local.cancel(name);
    await local.cleanUp(name);
  });

  it('accepts properties of other platforms', async () => {
    const local = await bench.platform();
    const deploymentProperties = {
      'kubernetes.limits.memory': '1Gi',
      memory: '1g',
      cpu: '500m',
      'local.hostname': 'x',
    };
    expect(() => local.validate(launchRequest('file:///bin/true', { deploymentProperties }))).not.toThrow();
  });

  it('arguments that are too long for a process', async () => {
    const local = await bench.platform();
    const launch = local.launch(launchRequest('file:///bin/true', { arguments: ['x'.repeat(3_000_000)] }));
    await expect(launch).rejects.toThrow(/longer than the operating system allows/);
    expect(await statusOf(local, 'task-1')).toMatchObject({ phase: 'failed' });
  });
});
